using System.Net;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace CloudPbx.Identity.Users;

/// <summary>What a passkey must be here: bound to the public address's host, kept by the authenticator with its user, and used by who unlocked it; so it is both steps at once.</summary>
internal sealed class PasskeyRules(PublicUrl publicUrl) : IConfigureOptions<IdentityPasskeyOptions>
{
    /// <summary>Passkeys of one person at most.</summary>
    public const int Most = 20;

    /// <summary>The longest name.</summary>
    public const int LongestName = 100;

    /// <summary>Whether there can be passkeys: they are bound to a name, never to an IP address (WebAuthn §5.1.2).</summary>
    public bool Possible { get; } = !IPAddress.TryParse(publicUrl.Origin.Host.Trim('[', ']'), out _);

    public void Configure(IdentityPasskeyOptions options)
    {
        options.ServerDomain = publicUrl.Origin.Host;
        options.UserVerificationRequirement = "required";
        options.ResidentKeyRequirement = "required";                    // it brings its user: no name has to be typed
        options.AuthenticatorTimeout = TimeSpan.FromMinutes(5);
        // WebAuthn §7.2 step 13: our pages only, never in another's frame.
        options.ValidateOrigin = origin => ValueTask.FromResult(
            !origin.CrossOrigin && string.Equals(origin.Origin, publicUrl.Origin.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase));
    }
}
