using CloudPbx.Contracts.Identity;

namespace CloudPbx.Contracts.Api;

/// <summary>A program that may call the API: a client of <c>/connect/token</c> (client credentials, RFC 6749 §4.4).</summary>
public sealed record ApiKeyDto
{
    /// <summary>Its <c>client_id</c>.</summary>
    public required string ClientId { get; init; }

    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>What it may do.</summary>
    public required UserRole Role { get; init; }

    /// <summary>Whether it may change anything, or only read.</summary>
    public required bool MayWrite { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>Its <c>client_secret</c>; only in the answer that made it.</summary>
    public string? ClientSecret { get; init; }
}
