using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Trunks;

/// <summary>In which order a route tries its trunks.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<TrunkOrder>))]
public enum TrunkOrder
{
    /// <summary>As they are listed.</summary>
    Listed,

    /// <summary>By chance, as often first as their weights say; the others follow by the same rule.</summary>
    Weighted,
}
