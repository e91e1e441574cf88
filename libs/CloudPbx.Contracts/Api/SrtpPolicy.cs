using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Api;

/// <summary>Whether a device's media is encrypted.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<SrtpPolicy>))]
public enum SrtpPolicy
{
    /// <summary>Whatever the device offers; what it offered last is offered to it.</summary>
    Optional,

    /// <summary>Never: RTP/AVP only.</summary>
    Off,

    /// <summary>Always: an offer without SRTP gets 488.</summary>
    Required,
}
