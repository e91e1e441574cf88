namespace CloudPbx.Portal.SignIn;

/// <summary>The portal's authentication: a cookie that names a session, whose tokens stay on the server.</summary>
internal static class PortalScheme
{
    /// <summary>Name of the cookie's scheme. Not the default one: in all-in-one other modules have theirs.</summary>
    public const string Cookie = "Portal";

    /// <summary>Name of the scheme by which Identity is asked.</summary>
    public const string OpenId = "PortalOpenId";

    /// <summary>Name of the policy that asks for a signed-in user.</summary>
    public const string Policy = "PortalUser";

    /// <summary>The claim with the session's identifier.</summary>
    public const string SessionClaim = "portal_session";

    /// <summary>The claim with the address that was signed in from.</summary>
    public const string AddressClaim = "portal_address";

    /// <summary>The property with the ID token of a session that ends.</summary>
    public const string IdTokenHint = "id_token_hint";
}
