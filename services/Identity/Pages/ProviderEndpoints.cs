using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Users;
using CloudPbx.Identity.Providers;
using CloudPbx.Identity.Users;
using Microsoft.AspNetCore.Identity;
using SignInResult = Microsoft.AspNetCore.Identity.SignInResult;

namespace CloudPbx.Identity.Pages;

/// <summary>Signing in by a company's own OpenID Connect provider.</summary>
internal static class ProviderEndpoints
{
    private const int LongestName = 254;

    public static void MapProviders(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder group = endpoints.MapForms();
        group.MapGet("/company", (HttpContext http, AccountPages pages) => pages.Provider(http));
        group.MapPost("/company", BeginAsync);
        group.MapGet("/provider/{tenant}", ReturnAsync);
    }

    internal static async Task<IResult> BeginAsync(HttpContext http, AccountPages pages, ProviderSignIn providers)
    {
        IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
        string name = form["name"].ToString().Trim();
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl))
            return pages.Provider(http, name, t => t.ProviderUnknown);
        (string? address, bool away) = await providers.BeginAsync(http, name, http.Request.Query[AccountEndpoints.ReturnParameter].ToString());
        return address is not null ? Results.Redirect(address) : pages.Provider(http, name, t => away ? t.ProviderAway : t.ProviderUnknown);
    }

    internal static async Task<IResult> ReturnAsync(string tenant, HttpContext http, AccountPages pages, ProviderSignIn providers, AccountSignIn signIn, UserManager<GlobalUser> users, TimeProvider time)
    {
        if (!TenantId.TryParse(tenant, out TenantId id) || await providers.ReturnAsync(http, id) is not ({ } answer, { } question))
            return pages.ProviderFailed(http, t => t.ProviderExpired);
        if (answer.Outcome != ProviderOutcome.Known)
        {
            return pages.ProviderFailed(http, t => answer.Outcome switch
            {
                ProviderOutcome.Away => t.ProviderAway,
                ProviderOutcome.Unverified => t.ProviderUnverified,
                _ => t.ProviderRefused,
            });
        }
        // Its word counts for this tenant's people alone: whoever has that address elsewhere on the platform is a stranger here.
        if (await users.FindByNameAsync(answer.Email!) is not { } user || user.TenantId != id || !IsSame(user.UserName, answer.Email!) || !await signIn.CanSignInAsync(user))
            return pages.ProviderFailed(http, t => t.ProviderStranger);
        user.EmailConfirmed = true;
        http.Request.QueryString = question.Target.Length > 0 ? QueryString.Create(AccountEndpoints.ReturnParameter, question.Target) : QueryString.Empty;      // the code stays out of what follows
        SignInResult result = await signIn.ProviderSignInAsync(user);
        if (result.RequiresTwoFactor)
            return Results.LocalRedirect(AccountEndpoints.SecondFactorFor(http));
        await AccountEndpoints.NoteSignInAsync(users, user, time);
        return AccountEndpoints.GoOn(http);
    }

    /// <summary>Letters that only look alike when they are made capital, such as the long s, are others: a provider lets people choose them.</summary>
    private static bool IsSame(string here, string there) => here == there || Ascii.EqualsIgnoreCase(here, there);
}
