using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Users;

/// <summary>One sign-in of a person in one browser. What was issued by it (codes, refresh and access tokens) belongs to it: with the row they are gone.</summary>
public sealed class GlobalSession
{
    /// <summary>The identifier; cookies and tokens have it as <c>sid</c>.</summary>
    public required SessionId Id { get; init; }

    /// <summary>Whose.</summary>
    public required UserId UserId { get; init; }

    /// <summary>How they proved who they are.</summary>
    public required SignInMethod Method { get; set; }

    /// <summary>From which address.</summary>
    public string? Address { get; set; }

    /// <summary>What the browser calls itself.</summary>
    public string? UserAgent { get; set; }

    /// <summary>When they signed in, UTC.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>When they last proved who they are in it, UTC: what protects the account is changed soon after that only.</summary>
    public required DateTime ProvedAt { get; set; }

    /// <summary>When a page or a token was last asked for by it, UTC.</summary>
    public required DateTime LastUsedAt { get; set; }

    /// <summary>When it ends by itself unless it is used, UTC.</summary>
    public required DateTime ExpiresAt { get; set; }
}
