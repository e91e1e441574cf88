using CloudPbx.MediaControl;

namespace CloudPbx.CallControl.Calls;

/// <summary>The tone that says why a call failed (ITU-T E.182: busy, congestion, and the special information tone for numbers that lead nowhere).</summary>
internal static class FailureTone
{
    /// <summary>The tone.</summary>
    /// <param name="status">The final status, as the caller has it.</param>
    /// <param name="q850">The network's own cause, where it told one: it says more than a status that gateways made of it.</param>
    /// <returns>Busy for whatever is neither the network's trouble nor the number's fault.</returns>
    public static Tone Of(int status, int? q850) => q850 switch
    {
        17 => Tone.Busy,
        1 or 2 or 3 or 22 or 28 => Tone.SpecialInformation,       // unallocated, no route, changed, incomplete: RFC 3398 §7.2.4.1 makes 404, 410, 484 of them
        34 or 38 or 41 or 42 or 44 or 47 or 49 or 58 => Tone.Congestion,
        _ => OfStatus(status),
    };

    private static Tone OfStatus(int status) => status switch
    {
        404 or 410 or 484 or 604 => Tone.SpecialInformation,
        >= 500 and < 600 => Tone.Congestion,
        _ => Tone.Busy,
    };
}
