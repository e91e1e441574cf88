using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CloudPbx.Identity;

/// <summary>How long things last, and where the first operator's link goes. Section <c>Identity</c>; the address is <c>PublicUrl</c>, the portal's secret <c>Portal:ClientSecret</c>.</summary>
public sealed class IdentityOptions
{
    /// <summary>Life of an access token in seconds; whoever lost it can be kept out no later (S30: at most 15 minutes).</summary>
    [Range(30, 900)] public int AccessTokenSeconds { get; set; } = 600;

    /// <summary>Life of a refresh token that is not used, in days. Each use gives a new one.</summary>
    [Range(1, 90)] public int RefreshTokenDays { get; set; } = 14;

    /// <summary>Seconds in which a refresh token may be used a second time, since an answer may be lost on the way. A later reuse revokes the whole sign-in.</summary>
    [Range(0, 60)] public int RefreshReuseSeconds { get; set; } = 15;

    /// <summary>Life of a sign-in that is not used, in hours.</summary>
    [Range(1, 168)] public int SignInHours { get; set; } = 12;

    /// <summary>Minutes after a sign-in in which a passkey may be added without another.</summary>
    [Range(1, 1440)] public int ProofMinutes { get; set; } = 15;

    /// <summary>Failed sign-ins in a row after which an account waits.</summary>
    [Range(3, 100)] public int LockoutFailures { get; set; } = 5;

    /// <summary>How long it waits, in minutes.</summary>
    [Range(1, 1440)] public int LockoutMinutes { get; set; } = 5;

    /// <summary>Sign-in attempts from one address in a minute, right or wrong.</summary>
    [Range(1, 10_000)] public int AttemptsPerMinute { get; set; } = 30;

    /// <summary>Life of a link by which a password is chosen, in hours.</summary>
    [Range(1, 720)] public int LinkHours { get; set; } = 24;

    /// <summary>Days after which a new key signs; tokens signed by the one before are accepted as long again.</summary>
    [Range(1, 3650)] public int KeyDays { get; set; } = 90;

    /// <summary>File (mode 0600) for the link of the first operator, who has no password yet; without it the link is printed.</summary>
    public string? FirstLinkFile { get; set; }
}

[OptionsValidator]
internal sealed partial class IdentityOptionsValidator : IValidateOptions<IdentityOptions>;
