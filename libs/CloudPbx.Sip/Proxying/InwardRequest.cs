using CloudPbx.Net.Sockets;

namespace CloudPbx.Sip.Proxying;

/// <summary>What an edge knows of a request that it forwards to a worker.</summary>
public readonly ref struct InwardRequest
{
    /// <summary>The tenant that it is for.</summary>
    public required Guid Tenant { get; init; }

    /// <summary>The edge that forwards it.</summary>
    public required uint EdgeId { get; init; }

    /// <summary>The edges' key.</summary>
    public required EdgeKey Key { get; init; }

    /// <summary>The signed flow token's text.</summary>
    public required ReadOnlySpan<byte> FlowToken { get; init; }

    /// <summary>Where it came from.</summary>
    public required InternetEndPoint Source { get; init; }

    /// <summary>Whether the source is a carrier whose word about identities counts: P-Asserted-Identity and the like are then left in (RFC 3325 §5).</summary>
    public bool IsTrusted { get; init; }

    /// <summary>Stands in for the Request-URI: a strict router has put our Contact at the end of Route (RFC 3261 §16.4). Empty for none.</summary>
    public ReadOnlySpan<byte> RequestUri { get; init; }
}
