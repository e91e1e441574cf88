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
    private string? _realm;

    public TrunkCredentials(Func<TenantConfiguration> configuration, TrunkSettings trunk, TrunkAccount account, SipTokens tokens) =>
        Client = new DigestClient(challenge => Choose(challenge, configuration(), trunk, account), tokens.NewCnonce);

    /// <summary>The client; its nonces serve all calls of the account.</summary>
    public DigestClient Client { get; }

    /// <summary>The carrier refused the account: it may have moved to another realm.</summary>
    public void ForgetRealm() => _realm = null;

    private DigestAccount? Choose(DigestChallenge challenge, TenantConfiguration configuration, TrunkSettings trunk, TrunkAccount account)
    {
        if (_realm is not null && _realm != challenge.Realm)
            return null;
        if (!configuration.TryOpenPassword(trunk, account, out string? password))
            return null;
        _realm = challenge.Realm;
        return new DigestAccount(account.AuthUser, DigestSecret.FromPassword(password));
    }
}
