using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>A live registration.</summary>
public sealed record RegistrationDto
{
    /// <summary>The number of its extension.</summary>
    public required string Extension { get; init; }

    /// <summary>The device that registered.</summary>
    public required DeviceId DeviceId { get; init; }

    /// <summary>The user name that it authenticated with.</summary>
    public required string AuthUser { get; init; }

    /// <summary>Its Contact URI.</summary>
    public required string Contact { get; init; }

    /// <summary><c>udp</c>, <c>tcp</c>, <c>tls</c>, <c>ws</c> or <c>wss</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>Where it registered from, <c>address:port</c>.</summary>
    public required string RemoteAddress { get; init; }

    /// <summary>What it calls itself; written by a stranger, control characters removed.</summary>
    public string? UserAgent { get; init; }

    /// <summary>When it first registered, UTC.</summary>
    public required DateTime RegisteredAt { get; init; }

    /// <summary>When the registration ends unless it is refreshed, UTC.</summary>
    public required DateTime ExpiresAt { get; init; }
}
