namespace CloudPbx.Contracts.Trunks;

/// <summary>Where a carrier's server is.</summary>
/// <param name="Host">A host name, kept as it is in Request-URI and To (some carriers refuse their own address there), or an address; IPv6 without brackets.</param>
/// <param name="Port">The port, or <see langword="null"/>: as RFC 3263 §4.2 finds it.</param>
/// <param name="Transport">The transport.</param>
public sealed record TrunkServer(string Host, int? Port = null, TrunkTransport Transport = TrunkTransport.Auto);
