using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>Where somebody is signed in: one browser.</summary>
public sealed record SessionDto
{
    /// <summary>The identifier.</summary>
    public required SessionId Id { get; init; }

    /// <summary>How they signed in.</summary>
    public required SignInMethod Method { get; init; }

    /// <summary>From which address.</summary>
    public string? Address { get; init; }

    /// <summary>What the browser calls itself.</summary>
    public string? UserAgent { get; init; }

    /// <summary>When they signed in, UTC.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>When it was last used, UTC; noted each time when a token is renewed, every ten minutes or so.</summary>
    public required DateTime LastUsedAt { get; init; }

    /// <summary>Whether this very request comes from it.</summary>
    public required bool Current { get; init; }
}
