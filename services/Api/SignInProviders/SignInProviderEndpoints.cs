using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Keys;
using CloudPbx.Data.SignInProviders;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Hosting.Web.Providers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.SignInProviders;

/// <summary>A tenant's own OpenID Connect provider: one, or none. Signing in by it is Identity's.</summary>
internal static class SignInProviderEndpoints
{
    /// <summary>Where a provider sends people back to; the tenant's identifier follows (RFC 9700 §4.4.2: one address for each issuer, so that none answers for another).</summary>
    private const string CallbackPath = "/account/provider/";

    public static void MapSignInProvider(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/sign-in-provider").WithTags("Users").For(UserRole.Administrator);
        group.MapGet("/", GetAsync).WithName("GetSignInProvider").WithSummary("The tenant's own OpenID Connect provider.");
        group.MapPut("/", PutAsync).WithName("SetSignInProvider").Takes<NewSignInProvider>().WithSummary("Sets it up. It signs people in whom somebody has let in here by the mail address that it says is verified.");
        group.MapDelete("/", DeleteAsync).WithName("DeleteSignInProvider").WithSummary("Takes it away. Nobody signs in by it any more; who has no password needs a link.");
    }

    internal static async Task<Results<Ok<SignInProviderDto>, ProblemHttpResult>> GetAsync(HttpContext http, PbxDbContext db, PublicUrl publicUrl, CancellationToken cancel)
    {
        if (await db.SignInProviders.AsNoTracking().SingleOrDefaultAsync(cancel) is not { } row)
            return Missing();
        EntityTags.Write(http, row);
        return TypedResults.Ok(ToDto(row, publicUrl));
    }

    internal static async Task<Results<Ok<SignInProviderDto>, ProblemHttpResult>> PutAsync(
        HttpContext http, JsonBody body, TenantContext tenant, PbxDbContext db, TenantKeyring keyring, ProviderConnection providers, PublicUrl publicUrl, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        NewSignInProvider wish = new()
        {
            Issuer = reader.Required("issuer", Issuer),
            ClientId = reader.Required("clientId", text => Printable(text, 200)),
            ClientSecret = reader.Optional("clientSecret", text => Printable(text, 500)),
            MailDomain = reader.Required("mailDomain", Rules.Domain),
            Enabled = reader.OptionalBoolean("enabled"),
        };
        reader.Finish();
        SignInProvider? row = await db.SignInProviders.SingleOrDefaultAsync(cancel);
        if (row is null && wish.ClientSecret is null && !errors.Any)
            errors.Add("$.clientSecret", "Is missing: a new provider needs the secret that it gave.");
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (row is not null && !EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        // A secret goes to whom it was given for: another issuer gets a new one.
        if (row is not null && row.Issuer != wish.Issuer && wish.ClientSecret is null)
            errors.Add("$.clientSecret", "Is missing: another issuer needs the secret that it gave.");
        else if (FaultOf((await providers.DiscoverAsync(wish.Issuer, cancel)).Fault) is { } fault)
            errors.Add("$.issuer", fault);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        WrappedTenantKey key = await db.TenantKeys.SingleAsync(cancel);
        byte[] secret = wish.ClientSecret is { } given ? ProviderSecret.Seal(keyring, key.ToKey(), given) : row!.SealedSecret;
        if (row is null)
            db.SignInProviders.Add(row = new SignInProvider { TenantId = tenant.TenantId, Issuer = "", ClientId = "", SealedSecret = secret, MailDomain = "" });
        (row.Issuer, row.ClientId, row.SealedSecret, row.MailDomain, row.Enabled) = (wish.Issuer, wish.ClientId, secret, Rules.NormalizeDomain(wish.MailDomain)!, wish.Enabled ?? true);
        SaveOutcome outcome = await db.TrySaveAsync(cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? Answers.Conflict() : Answers.Refused(outcome);
        EntityTags.Write(http, row);
        return TypedResults.Ok(ToDto(row, publicUrl));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(HttpContext http, PbxDbContext db, CancellationToken cancel)
    {
        if (await db.SignInProviders.SingleOrDefaultAsync(cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        db.SignInProviders.Remove(row);
        SaveOutcome outcome = await db.TrySaveAsync(cancel);
        return outcome == SaveOutcome.Saved ? TypedResults.NoContent() : Answers.Refused(outcome);
    }

    private static string? Issuer(string text) => text.Length <= 500 && ProviderConnection.IsIssuer(text) ? null : "Must be an https address without query, exactly as the provider names its issuer.";

    private static string? Printable(string text, int most) =>
        text.Length >= 1 && text.Length <= most && !text.Any(char.IsControl) ? null : $"Must be 1 to {most} characters without control characters.";

    private static string? FaultOf(ProviderFault fault) => fault switch
    {
        ProviderFault.None => null,
        ProviderFault.Inside => "Must be at a public address: this one is inside a network. The operator may allow it by SignInProviders:AllowedNetworks.",
        ProviderFault.Unreachable => "Must answer over https with a certificate that is trusted here: this one cannot be reached.",
        ProviderFault.NoDocument => "Must have a discovery document at its address followed by /.well-known/openid-configuration: there is none.",
        ProviderFault.OtherIssuer => "Must be the issuer that its own discovery document names, to the letter: compare them.",
        _ => "Must name its authorization endpoint, token endpoint and keys in its discovery document, each with https.",
    };

    private static SignInProviderDto ToDto(SignInProvider row, PublicUrl publicUrl) => new()
    {
        Issuer = row.Issuer, ClientId = row.ClientId, MailDomain = row.MailDomain, Enabled = row.Enabled, RedirectUri = publicUrl.At(CallbackPath + row.TenantId),
    };

    private static ProblemHttpResult Missing() => Answers.NotFound("This tenant has no sign-in provider of its own.");
}
