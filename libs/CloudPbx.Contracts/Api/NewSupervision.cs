using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Live;

namespace CloudPbx.Contracts.Api;

/// <summary>Somebody who is to hear a live call.</summary>
public sealed record NewSupervision
{
    /// <summary>The supervisor's extension, whose phones ring.</summary>
    public required string Supervisor { get; init; }

    /// <summary>Who hears the supervisor; absent: nobody (<c>listen</c>).</summary>
    public SupervisionMode? Mode { get; init; }

    /// <summary>Who is whispered to, <c>caller</c> or <c>callee</c>; absent: the tenant's own party, the callee where both are.</summary>
    public CallParty? Party { get; init; }

    /// <summary>Asks the supervisor's phones to answer by themselves after so many seconds (0 to 60), where they know how; absent: they ring.</summary>
    public int? AnswerAfter { get; init; }
}
