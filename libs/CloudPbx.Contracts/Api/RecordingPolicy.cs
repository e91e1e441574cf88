using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Api;

/// <summary>Which calls of an extension or a trunk are recorded without being asked for. On demand (<c>*1</c>) any extension can.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<RecordingPolicy>))]
public enum RecordingPolicy
{
    /// <summary>None.</summary>
    Off,

    /// <summary>Those to the extension; those that come by the trunk.</summary>
    Inbound,

    /// <summary>Those that the extension makes; those that go out by the trunk.</summary>
    Outbound,

    /// <summary>All.</summary>
    Always,
}
