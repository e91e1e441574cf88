namespace CloudPbx.Sdp;

/// <summary>A stream besides the audio that we agree to, because the other party has.</summary>
/// <param name="Offered">The peer's offer of it.</param>
/// <param name="Local">What we bring.</param>
/// <param name="Words">The other party's answer.</param>
public sealed record PassedAnswer(OfferedPassed Offered, LocalPassed Local, PassedWords Words);
