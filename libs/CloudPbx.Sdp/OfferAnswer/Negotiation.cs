namespace CloudPbx.Sdp;

/// <summary>The result of one step of offer and answer.</summary>
/// <param name="Fault">Why it failed, or <see cref="NegotiationFault.None"/>.</param>
/// <param name="Local">Our description in force: the answer made, or the offer that was answered; <see langword="null"/> on a fault.</param>
/// <param name="Media">The audio agreed on; <see langword="null"/> on a fault, and where other streams take its place.</param>
public sealed record Negotiation(NegotiationFault Fault, SessionDescription? Local, NegotiatedMedia? Media)
{
    /// <summary>The streams besides the audio that were agreed on.</summary>
    public IReadOnlyList<NegotiatedPassed> Passed { get; init; } = [];

    /// <summary>True if a stream was agreed on.</summary>
    public bool Succeeded => Fault == NegotiationFault.None;

    internal static Negotiation Failed(NegotiationFault fault) => new(fault, null, null);
}
