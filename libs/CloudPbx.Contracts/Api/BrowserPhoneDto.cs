using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>The account of a phone in a browser, which speaks SIP over WebSocket at <c>/sip</c>.</summary>
public sealed record BrowserPhoneDto
{
    /// <summary>Its device's identifier.</summary>
    public required DeviceId Id { get; init; }

    /// <summary>The number of its extension.</summary>
    public required string Extension { get; init; }

    /// <summary>The extension's name.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The user name that it authenticates with.</summary>
    public required string AuthUser { get; init; }

    /// <summary>Its SIP password: only in the answer that sets it, never again.</summary>
    public string? Secret { get; init; }

    /// <summary>The tenant's first SIP domain; <see langword="null"/>: it has none, and no phone can register.</summary>
    public string? Domain { get; init; }

    /// <summary>When the account ends unless it is renewed, UTC.</summary>
    public required DateTime ExpiresAt { get; init; }
}
