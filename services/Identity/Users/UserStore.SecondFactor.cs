using System.Security.Cryptography;
using System.Text;
using CloudPbx.Data.Users;

namespace CloudPbx.Identity.Users;

/// <summary>Authenticator apps and recovery codes: the app's secret is sealed, of the codes only hashes are kept.</summary>
internal sealed partial class UserStore
{
    public Task SetTwoFactorEnabledAsync(GlobalUser user, bool enabled, CancellationToken cancellationToken)
    {
        user.TwoFactorEnabled = enabled;
        return Task.CompletedTask;
    }

    public Task<bool> GetTwoFactorEnabledAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult(user.TwoFactorEnabled);

    public Task SetAuthenticatorKeyAsync(GlobalUser user, string key, CancellationToken cancellationToken)
    {
        user.SealedAuthenticatorKey = seal.Seal(Place(user), Encoding.ASCII.GetBytes(key));
        user.LastAuthenticatorStep = 0;
        return Task.CompletedTask;
    }

    public Task<string?> GetAuthenticatorKeyAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult(
        user.SealedAuthenticatorKey is { } value && seal.Open(Place(user), value) is { } clear ? Encoding.ASCII.GetString(clear) : null);

    public Task ReplaceCodesAsync(GlobalUser user, IEnumerable<string> recoveryCodes, CancellationToken cancellationToken)
    {
        user.RecoveryCodes = [.. recoveryCodes.Select(Hash)];
        return Task.CompletedTask;
    }

    public async Task<bool> RedeemCodeAsync(GlobalUser user, string code, CancellationToken cancellationToken)
    {
        string hash = Hash(code);
        if (!user.RecoveryCodes.Contains(hash))
            return false;
        user.RecoveryCodes = [.. user.RecoveryCodes.Where(left => left != hash)];
        return (await UpdateAsync(user, cancellationToken)).Succeeded;      // of two who use one code at once, one is refused
    }

    public Task<int> CountCodesAsync(GlobalUser user, CancellationToken cancellationToken) => Task.FromResult(user.RecoveryCodes.Count);

    private static string Place(GlobalUser user) => $"user/{user.Id}/authenticator";

    /// <summary>A fast hash does: a code is random, not chosen by a person.</summary>
    private static string Hash(string code) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(code.Trim().Replace("-", "", StringComparison.Ordinal).ToUpperInvariant())));
}
