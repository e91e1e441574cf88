using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Trunks;

/// <summary>What became of one step of a trunk's check.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<TrunkCheckOutcome>))]
public enum TrunkCheckOutcome
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>It works, but something should be looked at.</summary>
    Doubtful,

    /// <summary>It does not work.</summary>
    Bad,
}
