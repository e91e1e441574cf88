using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Trunks;

/// <summary>Whether a trunk's carrier answers OPTIONS.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<TrunkReach>))]
public enum TrunkReach
{
    /// <summary>It is not asked: the trunk is disabled, or its profile says so.</summary>
    Off,

    /// <summary>It has not answered yet, and has not been silent for long enough to be called away.</summary>
    Unknown,

    /// <summary>One of its servers answers; any final response but 408 and 503 is one.</summary>
    Up,

    /// <summary>None of its servers answers. Routes use other trunks until one does.</summary>
    Down,
}
