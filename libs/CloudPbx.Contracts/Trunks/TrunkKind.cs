using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Trunks;

/// <summary>How a carrier knows us.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<TrunkKind>))]
public enum TrunkKind
{
    /// <summary>By account: the PBX registers, each account is a line.</summary>
    Registered,

    /// <summary>By address: nobody registers, each side trusts the other's addresses.</summary>
    Ip,
}
