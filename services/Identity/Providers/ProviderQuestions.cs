using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace CloudPbx.Identity.Providers;

/// <summary>Keeps the question to a provider in the browser that asked: a cookie, sealed, of our host alone, taken once.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
internal sealed class ProviderQuestions(IDataProtectionProvider protection, TimeProvider time)
{
    private const string Cookie = "__Host-cloudpbx-provider";

    private readonly IDataProtector _seal = protection.CreateProtector("CloudPbx.Identity.Providers");

    public void Keep(HttpContext http, ProviderQuestion question) => http.Response.Cookies.Append(
        Cookie, Convert.ToBase64String(_seal.Protect(JsonSerializer.SerializeToUtf8Bytes(question))), Options(question.Until - time.GetUtcNow()));

    /// <summary>Takes the question of this browser; <see langword="null"/>: it asked none, or long ago.</summary>
    public ProviderQuestion? Take(HttpContext http)
    {
        if (http.Request.Cookies[Cookie] is not { } text)
            return null;
        http.Response.Cookies.Append(Cookie, "", Options(TimeSpan.Zero));
        try
        {
            ProviderQuestion? question = JsonSerializer.Deserialize<ProviderQuestion>(_seal.Unprotect(Convert.FromBase64String(text)));
            return question?.Until > time.GetUtcNow() ? question : null;
        }
        catch (Exception fault) when (fault is CryptographicException or FormatException or JsonException)
        {
            return null;                                                    // not of our making, or with keys that are gone
        }
    }

    // Lax: the provider, another site, sends the browser back by a link.
    private static CookieOptions Options(TimeSpan life) => new() { Path = "/", MaxAge = life, Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true };
}
