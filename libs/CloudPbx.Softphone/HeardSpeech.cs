namespace CloudPbx.Softphone;

/// <summary>A packet of speech and when it was heard.</summary>
/// <param name="At">On the phone's own media clock: how much it had sent itself when the packet came, a whole number of packet times.</param>
/// <param name="Samples">The packet, decoded.</param>
public sealed record HeardSpeech(TimeSpan At, IReadOnlyList<short> Samples);
