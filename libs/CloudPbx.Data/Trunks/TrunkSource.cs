using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Data.Trunks;

/// <summary>An address, network or client certificate from which a trunk's calls come; a registered one's from its registrar's servers, too.</summary>
public sealed class TrunkSource : ITenantOwned
{
    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>Its trunk, of the same tenant: the foreign key says so.</summary>
    public required TrunkId TrunkId { get; init; }

    /// <summary>The network (CIDR), canonical: <c>192.0.2.1/32</c>, <c>2001:db8::/32</c>; or the certificate (<see cref="CertificateSource"/>).</summary>
    public required string Network { get; init; }
}
