using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Events;

/// <summary>How a session description wants its audio encrypted.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<LadderSecurity>))]
public enum LadderSecurity
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>By keys in the description (RFC 4568), which are never kept.</summary>
    Sdes,

    /// <summary>By keys agreed on beside the audio (RFC 5763).</summary>
    Dtls,
}
