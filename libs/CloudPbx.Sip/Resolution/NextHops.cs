namespace CloudPbx.Sip.Resolution;

/// <summary>The places where a request may go, in the order in which they are to be tried (RFC 3263 §4.3).</summary>
/// <param name="Hops">At most <see cref="NextHopResolver.MaximumHops"/>; empty where there is none.</param>
/// <param name="Fault">Why there is none, for people; else <see langword="null"/>.</param>
public sealed record NextHops(IReadOnlyList<NextHop> Hops, string? Fault);
