using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>Where a carrier's server is.</summary>
public sealed record TrunkServerDocument
{
    /// <summary>A host name or an address.</summary>
    public required string Host { get; init; }

    /// <summary>1 to 65535; as DNS says if absent (RFC 3263).</summary>
    public int? Port { get; init; }

    /// <summary>The transport; <c>auto</c> if absent.</summary>
    public TrunkTransport? Transport { get; init; }
}
