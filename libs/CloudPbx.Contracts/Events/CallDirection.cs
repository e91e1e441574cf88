using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Events;

/// <summary>Where a call came from and went to, seen from the tenant.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CallDirection>))]
public enum CallDirection
{
    /// <summary>Between two extensions of the tenant, or to one of its own services.</summary>
    Internal,

    /// <summary>From a trunk.</summary>
    Inbound,

    /// <summary>To a trunk.</summary>
    Outbound,
}
