using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using CloudPbx.Data.SignInProviders;
using CloudPbx.Hosting.Web.Providers;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CloudPbx.Identity.Providers;

/// <summary>Redeems a provider's code and reads its ID token (OpenID Connect Core §3.1.3): one issuer, one audience, its keys, in time, the nonce of this browser.</summary>
/// <remarks>Thread-safe; singleton. Nothing is kept: sign-ins are rare, and keys change.</remarks>
internal sealed class ProviderExchange(ProviderConnection connection, TimeProvider time)
{
    private static readonly TimeSpan s_clockError = TimeSpan.FromMinutes(1);

    // A provider's client secret is no key: what is signed with it, or with nothing, is not believed.
    private static readonly string[] s_algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private static readonly JsonWebTokenHandler s_tokens = new() { MapInboundClaims = false };

    /// <summary>Asks a provider whom its code is about.</summary>
    /// <param name="provider">The tenant's setting.</param>
    /// <param name="secret">Its secret in clear.</param>
    /// <param name="question">What the browser was sent with.</param>
    /// <param name="code">What it came back with.</param>
    /// <param name="redirect">The redirect URI.</param>
    /// <param name="cancel">Stops the wait.</param>
    public async Task<ProviderAnswer> AskAsync(SignInProvider provider, string secret, ProviderQuestion question, string code, string redirect, CancellationToken cancel)
    {
        (ProviderMetadata? metadata, ProviderFault fault) = await connection.DiscoverAsync(provider.Issuer, cancel);
        if (metadata is null)
            return new ProviderAnswer(ProviderOutcome.Away, Reason: $"discovery: {fault}");
        try
        {
            (string? token, string? refused) = await RedeemAsync(metadata, provider, secret, question, code, redirect, cancel);
            if (token is null)
                return new ProviderAnswer(ProviderOutcome.Away, Reason: refused);
            JsonWebKeySet keys = new(await connection.Http.GetStringAsync(metadata.KeySet, cancel));
            return Read(await ValidateAsync(token, provider, keys), provider, question);
        }
        catch (Exception away) when (ProviderConnection.IsAway(away, cancel) || away is JsonException or ArgumentException)
        {
            return new ProviderAnswer(ProviderOutcome.Away, Reason: "token endpoint or keys: no answer that can be read");
        }
    }

    private async Task<(string? IdToken, string? Refused)> RedeemAsync(
        ProviderMetadata metadata, SignInProvider provider, string secret, ProviderQuestion question, string code, string redirect, CancellationToken cancel)
    {
        Dictionary<string, string> form = new() { ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = redirect, ["code_verifier"] = question.Verifier };
        using HttpRequestMessage request = new(HttpMethod.Post, metadata.TokenEndpoint);
        if (metadata.TakesBasic)                                            // RFC 6749 §2.3.1: both are form-encoded first
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(provider.ClientId)}:{Uri.EscapeDataString(secret)}")));
        else
            (form["client_id"], form["client_secret"]) = (provider.ClientId, secret);
        request.Content = new FormUrlEncodedContent(form);
        using HttpResponseMessage answer = await connection.Http.SendAsync(request, cancel);
        if (!answer.IsSuccessStatusCode)
            return (null, $"token endpoint: {(int)answer.StatusCode}");
        using JsonDocument tokens = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancel));
        return tokens.RootElement.ValueKind == JsonValueKind.Object && tokens.RootElement.TryGetProperty("id_token", out JsonElement token) && token.ValueKind == JsonValueKind.String
            ? (token.GetString(), null) : (null, "token endpoint: no id_token");
    }

    private async Task<TokenValidationResult> ValidateAsync(string token, SignInProvider provider, JsonWebKeySet keys) => await s_tokens.ValidateTokenAsync(token, new TokenValidationParameters
    {
        ValidIssuer = provider.Issuer,
        ValidAudience = provider.ClientId,
        ValidAlgorithms = s_algorithms,
        IssuerSigningKeys = keys.GetSigningKeys(),
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        LifetimeValidator = (from, to, _, _) => to is { } end && Now < end + s_clockError && (from is not { } begin || Now > begin - s_clockError),
    });

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private static ProviderAnswer Read(TokenValidationResult result, SignInProvider provider, ProviderQuestion question)
    {
        if (!result.IsValid)
            return new ProviderAnswer(ProviderOutcome.Refused, Reason: $"ID token: {result.Exception.GetType().Name}");
        ClaimsIdentity token = result.ClaimsIdentity;
        if (token.FindFirst("nonce")?.Value != question.Nonce)
            return new ProviderAnswer(ProviderOutcome.Refused, Reason: "ID token: another nonce");
        if (token.FindFirst("azp") is { } party && party.Value != provider.ClientId)    // §3.1.3.7: issued for somebody else
            return new ProviderAnswer(ProviderOutcome.Refused, Reason: "ID token: another authorized party");
        string email = token.FindFirst("email")?.Value ?? "";
        if (!string.Equals(token.FindFirst("email_verified")?.Value, "true", StringComparison.OrdinalIgnoreCase))
            return new ProviderAnswer(ProviderOutcome.Unverified, Reason: "ID token: email_verified is not true");
        int at = email.LastIndexOf('@');
        return at > 0 && string.Equals(email[(at + 1)..], provider.MailDomain, StringComparison.OrdinalIgnoreCase)
            ? new ProviderAnswer(ProviderOutcome.Known, email)
            : new ProviderAnswer(ProviderOutcome.Refused, Reason: $"ID token: a mail address outside of {provider.MailDomain}");
    }
}
