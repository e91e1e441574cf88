using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Phones;
using CloudPbx.Portal.SignUp;

namespace CloudPbx.Portal.SignIn;

/// <summary>The tokens of a browser that is signed in.</summary>
internal sealed record PortalSession
{
    /// <summary>What the API is shown.</summary>
    public required string AccessToken { get; init; }

    /// <summary>What a new one is got with; <see langword="null"/>: this one does not end.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>Tells identity whose session ends.</summary>
    public string? IdToken { get; init; }

    /// <summary>The sign-in that it came from: it ends with it.</summary>
    public SessionId? SignIn { get; init; }

    /// <summary>The phone that this browser has switched on.</summary>
    public RememberedPhone? Phone { get; init; }

    /// <summary>The password of the first phone, for who signed up just now.</summary>
    public FirstPhoneSecret? FirstPhone { get; init; }

    /// <summary>When the access token ends; <see langword="null"/>: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
