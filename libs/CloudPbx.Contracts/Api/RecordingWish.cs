using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Api;

/// <summary>What is to become of a live call's recording.</summary>
public sealed record RecordingWish
{
    /// <summary>What.</summary>
    public required RecordingStep Step { get; init; }
}

/// <summary>A step in a recording's life.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<RecordingStep>))]
public enum RecordingStep
{
    /// <summary>It begins, or goes on.</summary>
    Start,

    /// <summary>What is said is left out, and marked so.</summary>
    Pause,

    /// <summary>It goes on after a pause.</summary>
    Resume,

    /// <summary>It ends; what is said later is not recorded, whatever the policy of an extension or trunk says.</summary>
    Stop,
}
