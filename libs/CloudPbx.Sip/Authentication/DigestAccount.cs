namespace CloudPbx.Sip.Authentication;

/// <summary>The user name and secret with which a client answers the challenges of one realm.</summary>
/// <param name="Username">The digest user name.</param>
/// <param name="Secret">The secret.</param>
public sealed record DigestAccount(string Username, DigestSecret Secret);
