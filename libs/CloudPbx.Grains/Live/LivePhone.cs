using Orleans;

namespace CloudPbx.Grains.Live;

/// <summary>A registered phone.</summary>
[GenerateSerializer, Immutable, Alias("CloudPbx.LivePhone")]
public sealed record LivePhone
{
    /// <summary>Its device's identifier, <c>D</c> format.</summary>
    [Id(0)] public required Guid DeviceId { get; init; }

    /// <summary><c>udp</c>, <c>tcp</c>, <c>tls</c>, <c>ws</c> or <c>wss</c>.</summary>
    [Id(1)] public required string Transport { get; init; }

    /// <summary>Where it comes from, <c>address:port</c>.</summary>
    [Id(2)] public required string RemoteAddress { get; init; }

    /// <summary>Its User-Agent field. Written by a stranger.</summary>
    [Id(3)] public string? UserAgent { get; init; }

    /// <summary>Since when, UTC.</summary>
    [Id(4)] public required DateTime RegisteredAt { get; init; }

    /// <summary>How long it took to answer a challenge, in milliseconds; null where it is not known.</summary>
    [Id(5)] public int? LatencyMilliseconds { get; init; }
}
