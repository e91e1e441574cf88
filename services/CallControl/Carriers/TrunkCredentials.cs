using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Carriers;

/// <summary>
/// Answers a carrier's challenges with one account. Only what we call or register is ever answered, and only in the realm that the carrier named first: somebody
/// behind it who challenges our BYE in another one gets nothing (SECURITY.md S4, CVE-2021-41158).
/// </summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class TrunkCredentials
{
    private readonly Func<string?>? _told;
    private string? _realm;

    /// <param name="configuration">The configuration in use.</param>
    /// <param name="trunk">The trunk.</param>
    /// <param name="account">One of its accounts.</param>
    /// <param name="tokens">Makes client nonces.</param>
    /// <param name="told">The realm that whoever keeps the line registered knows already; null: none.</param>
    public TrunkCredentials(Func<TenantConfiguration> configuration, TrunkSettings trunk, TrunkAccount account, SipTokens tokens, Func<string?>? told = null)
    {
        _told = told;
        Client = new DigestClient(challenge => Choose(challenge, configuration(), trunk, account), tokens.NewCnonce);
    }

    /// <summary>The client; its nonces serve all calls of the account.</summary>
    public DigestClient Client { get; }

    /// <summary>The realm that is answered; null while none was named.</summary>
    public string? Realm => _told?.Invoke() ?? _realm;

    /// <summary>The carrier refused the account: it may have moved to another realm.</summary>
    public void ForgetRealm() => _realm = null;

    private DigestAccount? Choose(DigestChallenge challenge, TenantConfiguration configuration, TrunkSettings trunk, TrunkAccount account)
    {
        if (Realm is { } known && known != challenge.Realm)
            return null;
        if (!configuration.TryOpenPassword(trunk, account, out string? password))
            return null;
        _realm = challenge.Realm;
        return new DigestAccount(account.AuthUser, DigestSecret.FromPassword(password));
    }
}
