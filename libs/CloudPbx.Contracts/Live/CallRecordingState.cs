using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Live;

/// <summary>Whether a live call is recorded.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CallRecordingState>))]
public enum CallRecordingState
{
    /// <summary>It is not.</summary>
    Off,

    /// <summary>It is.</summary>
    Running,

    /// <summary>It was, and will be again when somebody says so, or the longest pause is over; what is said meanwhile leaves a marked gap.</summary>
    Paused,
}
