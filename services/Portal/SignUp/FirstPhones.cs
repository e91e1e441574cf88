using System.Security.Cryptography;
using System.Text.Json;
using CloudPbx.State.PortalSessions;
using Microsoft.AspNetCore.DataProtection;

namespace CloudPbx.Portal.SignUp;

/// <summary>
/// Passwords of first phones, between the end of a sign-up and its owner's first sign-in: sealed in Redis, found by a cookie that names them. Whoever signs in for that tenant in the
/// same browser takes them along into the session.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class FirstPhones(PortalSessionStore store, IDataProtectionProvider protection, TimeProvider time)
{
    private const string Cookie = "__Host-cloudpbx-first-phone", Prefix = "first-phone-";

    /// <summary>As long as somebody takes to choose a password and to fetch a phone.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly IDataProtector _seal = protection.CreateProtector("CloudPbx.Portal.FirstPhones");

    /// <summary>Keeps a password for the browser that asks. Where the live state is away it is lost, and the owner makes a new one.</summary>
    public async Task KeepAsync(HttpContext http, FirstPhoneSecret phone)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        await store.PutAsync(Prefix + id, _seal.Protect(JsonSerializer.SerializeToUtf8Bytes(phone)), phone.Until - time.GetUtcNow(), http.RequestAborted);
        http.Response.Cookies.Append(Cookie, id, Options(phone.Until));
    }

    /// <summary>Gives a browser's password to whoever has just signed in for that tenant.</summary>
    /// <param name="http">The request that ends the sign-in.</param>
    /// <param name="tenant">The tenant of who signed in.</param>
    public async Task<FirstPhoneSecret?> TakeAsync(HttpContext http, string? tenant)
    {
        if (http.Request.Cookies[Cookie] is not { Length: > 0 and < 100 } id)
            return null;
        (_, byte[]? octets) = await store.GetAsync(Prefix + id, http.RequestAborted);
        if (Open(octets) is not { } phone || phone.Tenant.ToString() != tenant)
            return null;                                        // somebody else's sign-in: the owner's may follow
        http.Response.Cookies.Delete(Cookie, Options(null));
        await store.RemoveAsync(Prefix + id, http.RequestAborted);
        return phone;
    }

    private static CookieOptions Options(DateTimeOffset? until) => new()
    {
        Path = "/", Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true, Expires = until,
    };

    private FirstPhoneSecret? Open(byte[]? octets)
    {
        try
        {
            return octets is null ? null : JsonSerializer.Deserialize<FirstPhoneSecret>(_seal.Unprotect(octets));
        }
        catch (Exception fault) when (fault is CryptographicException or JsonException)
        {
            return null;                                        // sealed with keys that are gone
        }
    }
}
