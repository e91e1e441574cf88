namespace CloudPbx.Contracts.Api;

/// <summary>A SIP domain of a tenant.</summary>
/// <param name="Name">The domain; internationalised names as A-labels.</param>
/// <param name="IsRealm">Whether it is the tenant's realm: the first of its domains.</param>
public sealed record DomainDto(string Name, bool IsRealm)
{
    /// <summary>Whether it is the tenant's; otherwise phones cannot use it until the record of <see cref="DnsPurpose.Proof"/> is found.</summary>
    public bool Proven { get; init; } = true;

    /// <summary>What to create in DNS; empty in lists.</summary>
    public IReadOnlyList<DnsRecordDto> Records { get; init; } = [];
}
