namespace CloudPbx.Contracts.Api;

/// <summary>A SIP domain of a tenant.</summary>
/// <param name="Name">The domain; internationalised names as A-labels.</param>
/// <param name="IsRealm">Whether it is the tenant's realm: the first of its domains.</param>
public sealed record DomainDto(string Name, bool IsRealm);
