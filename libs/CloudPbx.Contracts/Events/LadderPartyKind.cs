using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Events;

/// <summary>What is at the other end of a call's leg.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<LadderPartyKind>))]
public enum LadderPartyKind
{
    /// <summary>A phone of the tenant.</summary>
    Phone,

    /// <summary>A browser, as a phone of the tenant.</summary>
    Browser,

    /// <summary>A carrier.</summary>
    Trunk,
}
