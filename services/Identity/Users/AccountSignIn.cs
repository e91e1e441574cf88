using System.Security.Claims;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Users;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using SignInResult = Microsoft.AspNetCore.Identity.SignInResult;

namespace CloudPbx.Identity.Users;

/// <summary>Signs people in; each sign-in is a session that its cookie names. An account that was disabled is refused like a wrong password.</summary>
internal sealed class AccountSignIn(
    UserManager<GlobalUser> users, IHttpContextAccessor http, IUserClaimsPrincipalFactory<GlobalUser> principals, IOptions<Microsoft.AspNetCore.Identity.IdentityOptions> options,
    ILogger<AccountSignIn> logger, IAuthenticationSchemeProvider schemes, IUserConfirmation<GlobalUser> confirmation, SessionStore sessions, IOptions<IdentityOptions> ours, TimeProvider time)
    : SignInManager<GlobalUser>(users, http, principals, options, logger, schemes, confirmation)
{
    /// <summary>What a sign-in by a passkey is called in its cookie.</summary>
    public const string ByPasskey = "passkey";

    /// <summary>What a sign-in by a tenant's own provider is called in its cookie.</summary>
    public const string ByProvider = "provider";

    /// <summary>What a sign-in by a one-time link is called in its cookie.</summary>
    public const string ByLink = "link";

    private bool _refreshing;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>The session that a cookie or a token names.</summary>
    public static SessionId? SessionOf(ClaimsPrincipal principal) => SessionId.TryParse(principal.FindFirst(TokenClaims.Session)?.Value, out SessionId session) ? session : null;

    /// <summary>A cookie is good as long as its session is, which is looked at each time; and its account's stamp, looked at once a minute.</summary>
    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        await SecurityStampValidator.ValidatePrincipalAsync(context);
        if (context.Principal is not { } principal)
            return;
        AccountSignIn signIn = context.HttpContext.RequestServices.GetRequiredService<AccountSignIn>();
        bool present = SessionOf(principal) is { } session && UserId.TryParse(signIn.UserManager.GetUserId(principal), out UserId user)
            && await signIn.IsPresentAsync(user, session, context.HttpContext.RequestAborted);
        if (!present)
            context.RejectPrincipal();
    }

    /// <summary>A cookie that is made anew from the account stays the same session.</summary>
    public static Task KeepSessionAsync(SecurityStampRefreshingPrincipalContext context)
    {
        if (context.CurrentPrincipal?.FindFirst(TokenClaims.Session) is { } session)
            ((ClaimsIdentity)context.NewPrincipal!.Identity!).AddClaim(session.Clone());
        return Task.CompletedTask;
    }

    public override Task<bool> CanSignInAsync(GlobalUser user) => Task.FromResult(user.Enabled);

    /// <summary>The way of every sign-in, whatever proved it.</summary>
    public override async Task SignInWithClaimsAsync(GlobalUser user, AuthenticationProperties? authenticationProperties, IEnumerable<Claim> additionalClaims)
    {
        List<Claim> claims = [.. additionalClaims];
        SessionId session = await EnterAsync(user, claims.Find(claim => claim.Type == ClaimTypes.AuthenticationMethod)?.Value switch
        {
            ByPasskey => SignInMethod.Passkey,
            ByProvider => SignInMethod.Provider,
            ByLink => SignInMethod.Link,
            _ => SignInMethod.Password,
        });
        claims.Add(new Claim(TokenClaims.Session, session.ToString()));
        await base.SignInWithClaimsAsync(user, authenticationProperties, claims);
    }

    /// <summary>After a change of what protects the account: this sign-in stays, all others end.</summary>
    public override async Task RefreshSignInAsync(GlobalUser user)
    {
        (_, SessionId? present) = await PresentAsync();
        _refreshing = true;
        await base.RefreshSignInAsync(user);
        _refreshing = false;
        await sessions.EndOthersAsync(user.Id, present, Context.RequestAborted);
    }

    /// <summary>Ends all sign-ins of somebody who chose a password by a link: who knew the old one is out.</summary>
    public Task EndAllAsync(GlobalUser user) => sessions.EndOthersAsync(user.Id, null, Context.RequestAborted);

    /// <summary>Signs somebody in whom a tenant's provider vouched for. The second step, where they have one, is asked for all the same.</summary>
    public Task<SignInResult> ProviderSignInAsync(GlobalUser user) => SignInOrTwoFactorAsync(user, isPersistent: false, ByProvider, bypassTwoFactor: false);

    /// <summary>Checks what an authenticator answered to the question of the page that this browser was shown. An answer to no question of ours is a refusal.</summary>
    public async Task<PasskeyAssertionResult<GlobalUser>> TryAssertAsync(string credential)
    {
        try
        {
            return await PerformPasskeyAssertionAsync(credential);
        }
        catch (InvalidOperationException fault)                                         // no question is open: its cookie has ended
        {
            return PasskeyAssertionResult.Fail<GlobalUser>(new PasskeyException(fault.Message));
        }
    }

    /// <summary>Checks a new passkey as <see cref="TryAssertAsync"/> does.</summary>
    public async Task<PasskeyAttestationResult> TryAttestAsync(string credential)
    {
        try
        {
            return await PerformPasskeyAttestationAsync(credential);
        }
        catch (InvalidOperationException fault)
        {
            return PasskeyAttestationResult.Fail(new PasskeyException(fault.Message));
        }
    }

    /// <summary>Signs this browser out: its session ends, and all that was issued by it.</summary>
    public async Task LeaveAsync()
    {
        if (await PresentAsync() is ({ } user, { } session))
            await sessions.EndAsync(user, session, Context.RequestAborted);
        await SignOutAsync();
    }

    /// <summary>Whether a session has not ended.</summary>
    public async Task<bool> IsPresentAsync(GlobalUser user, SessionId session, CancellationToken cancel) => await IsPresentAsync(user.Id, session, cancel);

    /// <summary>Notes that a token was got by a session: it lives as long as its refresh token would.</summary>
    public Task UseAsync(SessionId session, CancellationToken cancel) => sessions.UseAsync(session, Now, Now.AddDays(ours.Value.RefreshTokenDays), cancel);

    /// <summary>Whether this browser's user proved a short while ago who they are: what protects the account is not changed by whoever finds an open browser.</summary>
    public async Task<bool> ProvedLatelyAsync() => await PresentAsync() is ({ } user, { } session)
        && await sessions.FindAsync(user, session, Now, Context.RequestAborted) is { } row && row.ProvedAt > Now.AddMinutes(-ours.Value.ProofMinutes);

    private async Task<bool> IsPresentAsync(UserId user, SessionId session, CancellationToken cancel) => await sessions.FindAsync(user, session, Now, cancel) is not null;

    /// <summary>The session of a sign-in: the browser's present one where it is the same person's, else a new one, and what was there before ends.</summary>
    private async Task<SessionId> EnterAsync(GlobalUser user, SignInMethod method)
    {
        if (await PresentAsync() is ({ } before, { } present))
        {
            if (before == user.Id)
            {
                if (!_refreshing)
                    await sessions.ProveAsync(present, method, Now, Context.RequestAborted);
                return present;
            }
            await sessions.EndAsync(before, present, Context.RequestAborted);
        }
        GlobalSession session = new()
        {
            Id = SessionId.New(), UserId = user.Id, Method = method, Address = ForwardedVisitor.AddressOf(Context)?.ToString(), UserAgent = Context.Request.Headers.UserAgent.ToString(),
            StartedAt = Now, ProvedAt = Now, LastUsedAt = Now, ExpiresAt = Now.AddHours(ours.Value.SignInHours),
        };
        await sessions.BeginAsync(session, Context.RequestAborted);
        return session.Id;
    }

    /// <summary>Whose session this browser's cookie names. Never while the cookie itself is being checked: that would wait for itself.</summary>
    private async Task<(UserId? User, SessionId? Session)> PresentAsync()
    {
        AuthenticateResult present = await Context.AuthenticateAsync(IdentityConstants.ApplicationScheme);
        return present.Principal is { } principal && SessionOf(principal) is { } session && UserId.TryParse(UserManager.GetUserId(principal), out UserId user) ? (user, session) : (null, null);
    }
}
