using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Api;

/// <summary>What a node does.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<NodeKind>))]
public enum NodeKind
{
    /// <summary>Leads calls.</summary>
    Worker,

    /// <summary>Carries their media.</summary>
    Media,

    /// <summary>Has the sockets that phones and carriers reach.</summary>
    Edge,
}
