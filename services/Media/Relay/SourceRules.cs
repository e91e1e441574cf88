using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Relay;

/// <summary>Where a stream's packets may come from (SECURITY.md S14).</summary>
/// <param name="Described">The address in the peer's SDP; none when it is not usable.</param>
/// <param name="Signalling">The host that the peer's signalling comes from, port 0; none when unknown.</param>
/// <param name="Learn">NAT: packets may come from elsewhere, the signalling host preferred.</param>
/// <param name="Strict">Never from elsewhere, not even authenticated.</param>
internal readonly record struct SourceRules(UdpAddress Described, UdpAddress Signalling, bool Learn, bool Strict);
