using System.Security.Cryptography;
using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Keys;

namespace CloudPbx.Api.Trunks;

/// <summary>Seals a tenant's carrier passwords.</summary>
internal sealed class TrunkSecrets(TenantKeyring keyring, TenantKey key)
{
    /// <summary>Seals a password, unless it is the present one already: then nothing changes.</summary>
    public byte[] Seal(TrunkId trunk, string user, TrunkAccount? present, string? wanted)
    {
        if (wanted is null)
            return present?.SealedPassword ?? throw new InvalidOperationException("A new account has a password: the request was checked for it.");
        return present is not null && Open(trunk, user, present) is { } old && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(old), Encoding.UTF8.GetBytes(wanted))
            ? present.SealedPassword
            : TrunkPassword.Seal(keyring, key, trunk, user, wanted);
    }

    private string? Open(TrunkId trunk, string user, TrunkAccount account) =>
        TrunkPassword.TryOpen(keyring, key, trunk, user, account.SealedPassword, out string? password) ? password : null;
}
