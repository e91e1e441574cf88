using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Live;

/// <summary>Who of a supervised call hears the supervisor. The supervisor hears both parties.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<SupervisionMode>))]
public enum SupervisionMode
{
    /// <summary>Nobody.</summary>
    Listen,

    /// <summary>One party alone: the agent who is helped.</summary>
    Whisper,

    /// <summary>Both parties.</summary>
    Barge,
}
