using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using CloudPbx.Data.Users;
using Microsoft.AspNetCore.Identity;

namespace CloudPbx.Identity.Users;

/// <summary>Codes of authenticator apps (TOTP, RFC 6238): six digits, 30 seconds, HMAC-SHA-1 (the one that all apps have), each code once.</summary>
internal sealed class AuthenticatorCodes(TimeProvider time) : IUserTwoFactorTokenProvider<GlobalUser>
{
    /// <summary>The provider's name.</summary>
    public const string Name = "Authenticator";

    private const int StepSeconds = 30;
    private const int Tolerance = 1;        // RFC 6238 §5.2: one step for the clock's error and the typing

    public Task<string> GenerateAsync(string purpose, UserManager<GlobalUser> manager, GlobalUser user) => Task.FromResult("");      // the app does

    public async Task<bool> CanGenerateTwoFactorTokenAsync(UserManager<GlobalUser> manager, GlobalUser user) => !string.IsNullOrEmpty(await manager.GetAuthenticatorKeyAsync(user));

    public async Task<bool> ValidateAsync(string purpose, string token, UserManager<GlobalUser> manager, GlobalUser user)
    {
        if (!int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int code) || token.Length != 6 || await manager.GetAuthenticatorKeyAsync(user) is not { } key)
            return false;
        byte[] secret = Base32.Decode(key);
        long now = time.GetUtcNow().ToUnixTimeSeconds() / StepSeconds;
        for (long step = now - Tolerance; step <= now + Tolerance; step++)
        {
            if (step <= user.LastAuthenticatorStep || Compute(secret, step) != code)
                continue;
            user.LastAuthenticatorStep = step;      // §5.2: the same code never counts twice, not even for who looked over the shoulder
            return (await manager.UpdateAsync(user)).Succeeded;
        }
        return false;
    }

    /// <summary>The code of a step: dynamic truncation of the HMAC (RFC 4226 §5.3).</summary>
    internal static int Compute(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 6238: authenticator apps know SHA-1 only.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        int offset = hash[^1] & 0x0F;
        return (int)((BinaryPrimitives.ReadUInt32BigEndian(hash[offset..]) & 0x7FFF_FFFF) % 1_000_000);
    }
}
