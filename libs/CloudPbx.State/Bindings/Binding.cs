using CloudPbx.Contracts.Ids;

namespace CloudPbx.State.Bindings;

/// <summary>One registered contact of an extension (RFC 3261 §10.3).</summary>
public sealed record Binding
{
    /// <summary>The extension's number.</summary>
    public required string Extension { get; init; }

    /// <summary>The device that registered.</summary>
    public required DeviceId DeviceId { get; init; }

    /// <summary>The user name that the device authenticated with.</summary>
    public required string AuthUser { get; init; }

    /// <summary>The Contact URI as the phone wrote it, parameters included.</summary>
    public required string ContactUri { get; init; }

    /// <summary>Call-ID of the last REGISTER (§10.3 step 7).</summary>
    public required string CallId { get; init; }

    /// <summary>CSeq number of the last REGISTER.</summary>
    public required uint CSeq { get; init; }

    /// <summary>When the binding ends, UTC.</summary>
    public required DateTime ExpiresAt { get; init; }

    /// <summary>When the contact first registered, UTC.</summary>
    public required DateTime RegisteredAt { get; init; }

    /// <summary>Preference in thousandths, 0 to 1000 (§20.10: <c>q=0.7</c> is 700).</summary>
    public int Q { get; init; } = 1000;

    /// <summary>The edge's signed token of the flow that the REGISTER came in on.</summary>
    public required string FlowToken { get; init; }

    /// <summary><c>udp</c>, <c>tcp</c>, <c>tls</c>, <c>ws</c> or <c>wss</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>Where the REGISTER came from, <c>address:port</c>.</summary>
    public required string RemoteAddress { get; init; }

    /// <summary>The User-Agent field. Written by a stranger: encode it wherever it is shown.</summary>
    public string? UserAgent { get; init; }

    /// <summary><c>+sip.instance</c> without its angle brackets (RFC 5626 §4.1), or <see langword="null"/>.</summary>
    public string? InstanceId { get; init; }

    /// <summary><c>reg-id</c> (RFC 5626 §4.2), or 0.</summary>
    public int RegId { get; init; }

    /// <summary>Whether the device's last offer was SRTP; <see langword="null"/> while it has offered nothing.</summary>
    public bool? Srtp { get; init; }

    /// <summary>How long the phone took to answer the challenge of its last REGISTER that had one: the way there and back. Milliseconds; <see langword="null"/> where there was none.</summary>
    public int? LatencyMilliseconds { get; init; }

    /// <summary>What makes two bindings the same, see <see cref="KeyOf"/>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Key => KeyOf(Extension, DeviceId, ContactUri, InstanceId, RegId);

    /// <summary>The key of a binding: extension, device, and instance with reg-id (RFC 5626 §6) or else the Contact URI.</summary>
    /// <param name="extension">The extension's number.</param>
    /// <param name="device">The device.</param>
    /// <param name="contactUri">The Contact URI as the phone wrote it.</param>
    /// <param name="instanceId">As <see cref="InstanceId"/>.</param>
    /// <param name="regId">As <see cref="RegId"/>.</param>
    public static string KeyOf(string extension, DeviceId device, string contactUri, string? instanceId, int regId) =>
        instanceId is null ? $"{extension} {device} {contactUri}" : $"{extension} {device} {instanceId} {regId}";
}
