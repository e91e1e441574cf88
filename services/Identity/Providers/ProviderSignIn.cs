using System.Security.Cryptography;
using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Keys;
using CloudPbx.Data.SignInProviders;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Hosting.Web.Providers;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Identity.Providers;

/// <summary>The way to a tenant's own provider and back.</summary>
/// <remarks>Thread-safe; singleton. What a provider says counts for its own tenant's people alone: whoever calls this looks for them there.</remarks>
internal sealed partial class ProviderSignIn(
    SignInProviderLookup lookup, IPbxDatabase database, TenantKeyring keyring, ProviderConnection connection, ProviderExchange exchange, ProviderQuestions questions, PublicUrl publicUrl,
    TimeProvider time, ILogger<ProviderSignIn> logger)
{
    /// <summary>Where a provider sends people back to; the tenant follows.</summary>
    public const string CallbackPath = "/account/provider/";

    /// <summary>Sends a browser to the provider that somebody means.</summary>
    /// <param name="http">The browser's request.</param>
    /// <param name="typed">A mail address or a tenant's name.</param>
    /// <param name="target">Where the sign-in leads to then.</param>
    /// <returns>Where to go, or <see langword="null"/>, and whether there is a provider that is away.</returns>
    public async Task<(string? Address, bool IsAway)> BeginAsync(HttpContext http, string typed, string target)
    {
        if (await lookup.FindAsync(typed, http.RequestAborted) is not { } tenant || await FindAsync(tenant, http.RequestAborted) is not ({ } provider, _))
            return (null, false);
        (ProviderMetadata? metadata, ProviderFault fault) = await connection.DiscoverAsync(provider.Issuer, http.RequestAborted);
        if (metadata is null)
        {
            LogNot(tenant, $"discovery: {fault}");
            return (null, true);
        }
        ProviderQuestion question = ProviderQuestion.New(tenant, provider.Issuer, target, time.GetUtcNow());
        questions.Keep(http, question);
        Dictionary<string, string?> query = new()
        {
            ["response_type"] = "code", ["client_id"] = provider.ClientId, ["redirect_uri"] = RedirectOf(tenant), ["scope"] = "openid email profile", ["state"] = question.State,
            ["nonce"] = question.Nonce, ["code_challenge"] = question.Challenge, ["code_challenge_method"] = "S256", ["login_hint"] = typed.Contains('@', StringComparison.Ordinal) ? typed : null,
        };
        return (QueryHelpers.AddQueryString(metadata.AuthorizationEndpoint.AbsoluteUri, query.Where(p => p.Value is not null)), false);
    }

    /// <summary>Takes a browser back that a provider sent.</summary>
    /// <param name="http">The browser's request.</param>
    /// <param name="tenant">Whose provider the address names.</param>
    /// <returns>What the provider says and what was asked; <see langword="null"/>: this browser asked nothing, or too long ago.</returns>
    public async Task<(ProviderAnswer Answer, ProviderQuestion Question)?> ReturnAsync(HttpContext http, TenantId tenant)
    {
        IQueryCollection query = http.Request.Query;
        if (questions.Take(http) is not { } question || question.Tenant != tenant || !Same(query["state"].ToString(), question.State))
            return null;
        ProviderAnswer answer = await AskAsync(query, question, http.RequestAborted);
        if (answer.Outcome != ProviderOutcome.Known)
            LogNot(tenant, answer.Reason);
        return (answer, question);
    }

    private async Task<ProviderAnswer> AskAsync(IQueryCollection query, ProviderQuestion question, CancellationToken cancel)
    {
        if (query["iss"].ToString() is { Length: > 0 } issuer && issuer != question.Issuer)         // RFC 9207 §2.4
            return new ProviderAnswer(ProviderOutcome.Refused, Reason: "the answer names another issuer");
        if (query["code"].ToString() is not { Length: > 0 } code)
            return new ProviderAnswer(ProviderOutcome.Refused, Reason: "no code: the person or the provider refused");
        if (await FindAsync(question.Tenant, cancel) is not ({ } provider, { } secret) || provider.Issuer != question.Issuer)
            return new ProviderAnswer(ProviderOutcome.Away, Reason: "the setting was changed meanwhile, or its secret cannot be opened");
        return await exchange.AskAsync(provider, secret, question, code, RedirectOf(question.Tenant), cancel);
    }

    private async Task<(SignInProvider? Provider, string? Secret)> FindAsync(TenantId tenant, CancellationToken cancel)
    {
        await using PbxDbContext db = database.OpenTenant(tenant);
        if (await db.SignInProviders.AsNoTracking().SingleOrDefaultAsync(p => p.Enabled, cancel) is not { } provider || await db.TenantKeys.AsNoTracking().SingleOrDefaultAsync(cancel) is not { } key)
            return (null, null);
        return (provider, ProviderSecret.Open(keyring, key.ToKey(), provider.SealedSecret));
    }

    private string RedirectOf(TenantId tenant) => publicUrl.At(CallbackPath + tenant);

    private static bool Same(string a, string b) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));

    [LoggerMessage(LogLevel.Warning, "Nobody was signed in by the own provider of tenant {TenantId}: {Reason}")]
    private partial void LogNot(TenantId tenantId, string? reason);
}
