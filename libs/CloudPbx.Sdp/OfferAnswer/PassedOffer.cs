namespace CloudPbx.Sdp;

/// <summary>A stream that we offer because the other party offers or has it.</summary>
/// <param name="Local">What we bring.</param>
/// <param name="Words">How it is spoken of.</param>
/// <param name="Direction">Which way we pass packets.</param>
public sealed record PassedOffer(LocalPassed Local, PassedWords Words, MediaDirection Direction);
