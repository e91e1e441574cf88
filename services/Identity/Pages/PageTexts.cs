using Microsoft.AspNetCore.Identity;

namespace CloudPbx.Identity.Pages;

/// <summary>What the pages say, in one language. A text that one language lacks does not compile.</summary>
public sealed partial record PageTexts
{
    /// <summary>BCP 47, for <c>lang</c>.</summary>
    public required string Language { get; init; }

    /// <summary>The language's own name.</summary>
    public required string LanguageName { get; init; }

    public required string SignIn { get; init; }
    public required string SignInLead { get; init; }
    public required string CertificateQuestion { get; init; }
    public required string CertificateAnswer { get; init; }
    public required string CertificateLink { get; init; }
    public required string UserName { get; init; }
    public required string Password { get; init; }
    public required string WrongPassword { get; init; }
    public required string LockedOut { get; init; }
    public required string TooManyAttempts { get; init; }
    public required string FormExpired { get; init; }
    public required string SecondFactor { get; init; }
    public required string SecondFactorLead { get; init; }
    public required string Code { get; init; }
    public required string RecoveryCode { get; init; }
    public required string UseRecoveryCode { get; init; }
    public required string UseAuthenticator { get; init; }
    public required string WrongCode { get; init; }
    public required string Continue { get; init; }
    public required string ChoosePassword { get; init; }
    public required string ChoosePasswordLead { get; init; }
    public required string NewPassword { get; init; }
    public required string RepeatPassword { get; init; }
    public required string CurrentPassword { get; init; }
    public required string PasswordHint { get; init; }
    public required string PasswordsDiffer { get; init; }
    public required string PasswordTooShort { get; init; }
    public required string PasswordGuessable { get; init; }
    public required string PasswordSaved { get; init; }
    public required string NoAccount { get; init; }
    public required string SignUp { get; init; }
    public required string ToPortal { get; init; }
    public required string LinkInvalid { get; init; }
    public required string LinkInvalidDetail { get; init; }
    public required string Account { get; init; }
    public required string SignedInAs { get; init; }
    public required string ChangePassword { get; init; }
    public required string TwoFactorOn { get; init; }
    public required string TwoFactorOff { get; init; }
    public required string TurnOnTwoFactor { get; init; }
    public required string TurnOffTwoFactor { get; init; }
    public required string TurnOnLead { get; init; }
    public required string QrAlternative { get; init; }
    public required string RecoveryCodes { get; init; }
    public required string RecoveryCodesLead { get; init; }
    public required string SignOut { get; init; }
    public required string SignOutQuestion { get; init; }
    public required string SignedOut { get; init; }
    public required string SignedOutDetail { get; init; }
    public required string ConsentTitle { get; init; }
    public required string ConsentLead { get; init; }
    public required string Allow { get; init; }
    public required string Deny { get; init; }
    public required string ScopeProfile { get; init; }
    public required string ScopeEmail { get; init; }
    public required string ScopeRoles { get; init; }
    public required string ScopeOffline { get; init; }
    public required string ScopeApi { get; init; }
    public required string PasskeySignIn { get; init; }
    public required string PasskeySignInLead { get; init; }
    public required string PasskeyFailed { get; init; }
    public required string PasskeyRefused { get; init; }
    public required string UsePassword { get; init; }
    public required string Passkeys { get; init; }
    public required string PasskeysLead { get; init; }
    public required string PasskeyName { get; init; }
    public required string PasskeyNameHint { get; init; }
    public required string PasskeyNameWrong { get; init; }
    public required string PasskeyTooMany { get; init; }
    public required string PasskeyNotAdded { get; init; }
    public required string PasskeyAdd { get; init; }
    public required string PasskeyProve { get; init; }
    public required string PasskeyRemoveDetail { get; init; }
    public required string Rename { get; init; }
    public required string Remove { get; init; }
    public required string PasskeysImpossible { get; init; }
    public required string PasskeysImpossibleDetail { get; init; }
    public required string ProviderSignIn { get; init; }
    public required string ProviderLead { get; init; }
    public required string ProviderName { get; init; }
    public required string ProviderUnknown { get; init; }
    public required string ProviderAway { get; init; }
    public required string ProviderRefused { get; init; }
    public required string ProviderStranger { get; init; }
    public required string ProviderUnverified { get; init; }
    public required string ProviderExpired { get; init; }
    public required string RequestRefused { get; init; }
    public required string Back { get; init; }

    /// <summary>The texts for a language.</summary>
    /// <param name="language">A BCP 47 tag; anything that is not Chinese is answered in English.</param>
    public static PageTexts For(string? language) => language?.StartsWith("zh", StringComparison.OrdinalIgnoreCase) == true ? Chinese : English;

    /// <summary>All languages, for the switch at the foot of a page.</summary>
    public static IReadOnlyList<PageTexts> All => [English, Chinese];

    /// <summary>What a scope lets a program do.</summary>
    public string Scope(string scope) => scope switch
    {
        "profile" => ScopeProfile,
        "email" => ScopeEmail,
        "roles" => ScopeRoles,
        "offline_access" => ScopeOffline,
        "api" => ScopeApi,
        _ => scope,
    };

    /// <summary>Why a password was refused.</summary>
    public string PasswordRefused(IdentityResult result) => result.Errors.Any(e => e.Code == nameof(IdentityErrorDescriber.PasswordTooShort)) ? PasswordTooShort : PasswordGuessable;
}
