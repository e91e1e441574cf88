using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>A registered phone.</summary>
public sealed record LivePhoneDto
{
    /// <summary>Its device.</summary>
    public required DeviceId DeviceId { get; init; }

    /// <summary><c>udp</c>, <c>tcp</c>, <c>tls</c>, <c>ws</c> or <c>wss</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>Where it comes from, <c>address:port</c>.</summary>
    public required string RemoteAddress { get; init; }

    /// <summary>What it says it is; written by a stranger, control characters removed.</summary>
    public string? UserAgent { get; init; }

    /// <summary>Since when, UTC.</summary>
    public required DateTime RegisteredAt { get; init; }

    /// <summary>How long it took to answer when it registered last, in milliseconds: the way there and back. Absent where it is not known.</summary>
    public int? LatencyMilliseconds { get; init; }
}
