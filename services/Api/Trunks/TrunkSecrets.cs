using System.Security.Cryptography;
using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Keys;

namespace CloudPbx.Api.Trunks;

/// <summary>Seals carrier passwords: a tenant's by its key, those of shared trunks by the platform's.</summary>
internal abstract class TrunkSecrets
{
    /// <summary>Seals those of a tenant's own trunks.</summary>
    public static TrunkSecrets Of(TenantKeyring keyring, TenantKey key) => new OfTenant(keyring, key);

    /// <summary>Seals those of shared trunks.</summary>
    public static TrunkSecrets Of(PlatformSeal seal) => new OfShared(seal);

    /// <summary>Seals a password, unless it is the present one already: then nothing changes.</summary>
    public byte[] Seal(TrunkId trunk, string user, TrunkAccount? present, string? wanted)
    {
        if (wanted is null)
            return present?.SealedPassword ?? throw new InvalidOperationException("A new account has a password: the request was checked for it.");
        return present is not null && Open(trunk, user, present.SealedPassword) is { } old && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(old), Encoding.UTF8.GetBytes(wanted))
            ? present.SealedPassword
            : Seal(trunk, user, wanted);
    }

    protected abstract byte[] Seal(TrunkId trunk, string user, string password);

    protected abstract string? Open(TrunkId trunk, string user, byte[] sealedPassword);

    private sealed class OfTenant(TenantKeyring keyring, TenantKey key) : TrunkSecrets
    {
        protected override byte[] Seal(TrunkId trunk, string user, string password) => TrunkPassword.Seal(keyring, key, trunk, user, password);

        protected override string? Open(TrunkId trunk, string user, byte[] sealedPassword) => TrunkPassword.TryOpen(keyring, key, trunk, user, sealedPassword, out string? password) ? password : null;
    }

    private sealed class OfShared(PlatformSeal seal) : TrunkSecrets
    {
        protected override byte[] Seal(TrunkId trunk, string user, string password) => GlobalTrunkPassword.Seal(seal, trunk, user, password);

        protected override string? Open(TrunkId trunk, string user, byte[] sealedPassword) => GlobalTrunkPassword.TryOpen(seal, trunk, user, sealedPassword, out string? password) ? password : null;
    }
}
