using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Trunks;

/// <summary>Who set a trunk up.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<TrunkOwner>))]
public enum TrunkOwner
{
    /// <summary>The tenant, for itself.</summary>
    Tenant,

    /// <summary>The platform: shared by the tenants that got numbers of it; a tenant can use it but not change it.</summary>
    Platform,

    /// <summary>The tenant's reseller: shared by those of its tenants that got numbers of it; a tenant can use it but not change it.</summary>
    Reseller,
}
