using CloudPbx.Contracts.Events;

namespace CloudPbx.Contracts.Api;

/// <summary>Who is to take a party's place in a call.</summary>
public sealed record NewTransfer
{
    /// <summary>Whom to call, as the party that makes place would dial it.</summary>
    public required string Number { get; init; }

    /// <summary>Who makes place, <c>caller</c> or <c>callee</c>; absent: the callee, or the caller where the callee is outside.</summary>
    public CallParty? Leaving { get; init; }
}
