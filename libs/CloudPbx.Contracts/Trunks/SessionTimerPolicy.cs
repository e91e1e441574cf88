using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Trunks;

/// <summary>Session timers (RFC 4028) towards a carrier. A timer that the carrier demands is kept under every policy but <see cref="Off"/>.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<SessionTimerPolicy>))]
public enum SessionTimerPolicy
{
    /// <summary>Offered: <c>Supported: timer</c> and a Session-Expires.</summary>
    Supported,

    /// <summary>Not offered.</summary>
    Off,

    /// <summary><c>Require: timer</c> beside the Session-Expires: a carrier that does not know timers refuses our calls (420). Its own calls get a timer that we refresh.</summary>
    Required,
}
