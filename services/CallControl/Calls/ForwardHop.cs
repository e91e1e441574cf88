using CloudPbx.Contracts.Api;

namespace CloudPbx.CallControl.Calls;

/// <summary>Who sent a call on, and why.</summary>
/// <param name="Number">An extension; towards a carrier the number that stands for it there.</param>
/// <param name="Reason">Why.</param>
internal readonly record struct ForwardHop(string Number, ForwardReason Reason)
{
    /// <summary>The reason in Diversion (RFC 5806 §4).</summary>
    public string DiversionReason => Reason switch
    {
        ForwardReason.Always => "unconditional",
        ForwardReason.Busy => "user-busy",
        ForwardReason.NoAnswer => "no-answer",
        ForwardReason.Unreachable => "unavailable",
        ForwardReason.Declined => "do-not-disturb",
        _ => "deflection",
    };

    /// <summary>The status that stands for it in History-Info (RFC 7044 §5: why the request did not stay there).</summary>
    public int Cause => Reason switch
    {
        ForwardReason.Busy => 486,
        ForwardReason.NoAnswer => 408,
        ForwardReason.Unreachable => 480,
        ForwardReason.Declined => 603,
        _ => 302,
    };

    /// <summary>The rule in the steps of a decision: <c>forward-no-answer</c>.</summary>
    public string Rule => ForwardTrail.RuleOf(Reason);
}
