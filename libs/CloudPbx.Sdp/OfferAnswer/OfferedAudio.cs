namespace CloudPbx.Sdp;

/// <summary>What an offer brings, before it is answered: enough to make the offer to the other party.</summary>
/// <param name="Fault">Why it cannot be served, or <see cref="NegotiationFault.None"/>.</param>
/// <param name="Formats">The speech formats offered, the preferred first.</param>
/// <param name="TelephoneEvent">Whether telephone-event is among the formats.</param>
/// <param name="ComfortNoise">Whether comfort noise (RFC 3389) is among them.</param>
/// <param name="Encrypted">Whether the stream would be encrypted.</param>
/// <param name="Direction">What we would be allowed to do.</param>
/// <param name="RemoteHeld">Whether the offer puts us on hold.</param>
public sealed record OfferedAudio(
    NegotiationFault Fault, IReadOnlyList<PayloadFormat> Formats, bool TelephoneEvent, bool ComfortNoise, bool Encrypted, MediaDirection Direction, bool RemoteHeld);
