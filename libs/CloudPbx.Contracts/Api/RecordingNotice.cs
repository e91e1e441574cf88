using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Api;

/// <summary>How the parties of a call learn that it is recorded.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<RecordingNotice>))]
public enum RecordingNotice
{
    /// <summary>Not by us.</summary>
    None,

    /// <summary>Both hear a sentence, in the tenant's language, when the recording begins.</summary>
    Announcement,

    /// <summary>Both hear a short tone every fifteen seconds while it is recorded, not while it pauses.</summary>
    Beep,
}
