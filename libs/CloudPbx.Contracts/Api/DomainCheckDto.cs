namespace CloudPbx.Contracts.Api;

/// <summary>What DNS says about a domain now.</summary>
public sealed record DomainCheckDto
{
    /// <summary>The domain.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is the tenant's now.</summary>
    public required bool Proven { get; init; }

    /// <summary>Whether phones that know nothing but the domain find the server.</summary>
    public required bool Reachable { get; init; }

    /// <summary>Record by record.</summary>
    public required IReadOnlyList<DnsCheckDto> Records { get; init; }
}
