using System.Globalization;
using CloudPbx.Api.Access;
using CloudPbx.Api.Audit;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Mail;
using CloudPbx.Api.Plans;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Data.Platform;
using CloudPbx.Data.Resellers;
using CloudPbx.Data.SignUps;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Users;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.SignUps;

/// <summary>A company becomes a tenant by itself: a mail address, the answer to a mail, done. Open to strangers, so counted by address and bounded.</summary>
internal static partial class SignUpEndpoints
{
    /// <summary>Where the link of the mail leads; the portal's page sends the token on.</summary>
    private const string ConfirmPath = "/signup/confirm?token=";

    public static void MapSignUps(this RouteGroupBuilder open)
    {
        RouteGroupBuilder group = open.MapGroup("/signups").WithTags("Sign-up").AllowAnonymous();
        group.MapGet("/", OfferAsync).WithName("GetSignUpOffer").WithSummary("Says whether companies sign up by themselves, and to which plans. Open to everybody.");
        group.MapPost("/", CreateAsync).WithName("SignUp").Takes<NewSignUp>()
            .WithSummary("Asks for a tenant: a mail goes to the address. Open to everybody. Where the platform has no mail server, the answer tells what would be in it.");
        group.MapPost("/confirm", ConfirmAsync).WithName("ConfirmSignUp").WithMetadata(InPlatformsAudit.Mark).AddEndpointFilter<AuditFilter>().Takes<SignUpConfirmation>().WithSummary("Answers the mail: makes the tenant, its first extension and its administrator.");
    }

    internal static async Task<Ok<SignUpOfferDto>> OfferAsync(ResellerStore plans, PlatformSettingsStore settings, Mailer mailer, IOptions<SignUpOptions> options, CancellationToken cancel)
    {
        PlanDto[] open = [.. (await OpenPlansAsync(plans, settings, cancel)).Select(PlanEndpoints.ToDto)];
        return TypedResults.Ok(new SignUpOfferDto { Open = open.Length > 0, Domain = options.Value.Domain, ByMail = mailer.IsConfigured || !options.Value.ConfirmWithoutMail, Plans = open });
    }

    internal static async Task<Results<Accepted<SignUpDto>, ProblemHttpResult>> CreateAsync(
        HttpContext http, JsonBody body, SignUpLimit limit, SignUpStore store, ResellerStore plans, PlatformSettingsStore settings, UserDirectory users, TenantLookup tenants, Mailer mailer, PublicUrl publicUrl,
        IOptions<SignUpOptions> options, TimeProvider time, ILoggerFactory logging, CancellationToken cancel)
    {
        bool isOperator = await IsOperatorAsync(http);
        if (!isOperator && Refuse(http, limit) is { } tooMany)
            return tooMany;
        GlobalPlan[] open = await OpenPlansAsync(plans, settings, cancel);
        if (open.Length == 0)
            return Answers.Forbidden("Sign-up is not open on this platform. Ask its operator.");
        RequestErrors errors = new();
        NewSignUp wish = Read(body, errors);
        if (wish.Plan is { } name && open.All(p => p.Name != name))
            errors.Add("$.plan", $"Must be one of {string.Join(", ", open.Select(p => $"\"{p.Name}\""))}.");
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        string domain = DomainOf(wish.Tenant, options.Value);
        if (await tenants.FindAsync(wish.Tenant, cancel) is not null || (await tenants.FindForeignDomainsAsync([domain], default, cancel)).Count > 0)
            return Answers.Taken("$.tenant", "Another tenant has this name: choose another.");
        (string token, byte[] hash) = SignUpStore.NewToken();
        GlobalSignUp signUp = new()
        {
            TokenHash = hash, Email = wish.Email, DisplayName = wish.DisplayName ?? wish.Email, Company = wish.Company, TenantName = wish.Tenant, Language = wish.Language ?? (await settings.GetAsync(cancel)).Language ?? Rules.DefaultLanguage,
            Plan = wish.Plan ?? open[0].Name, ExpiresAt = time.GetUtcNow().UtcDateTime.AddHours(options.Value.LinkHours),
        };
        // A stranger learns from no answer whether an address signs in here: the mail says it, to whom the address belongs.
        bool known = await users.ExistsAsync(wish.Email, cancel), told = !mailer.IsConfigured && (isOperator || options.Value.ConfirmWithoutMail);
        if (known && told)
            return Answers.Taken("$.email", "Somebody signs in by this mail address already. Sign in instead.");            // there is no other way to tell them
        if (!known && !await store.TryAddAsync(signUp, cancel))
            return Answers.ServiceAway("Too many sign-ups wait for their confirmation. Try again tomorrow.");
        string link = publicUrl.At(ConfirmPath + token);
        if (mailer.IsConfigured)
        {
            (string subject, string text) = SignUpMail.Write(signUp.Language, wish.Company, known ? null : link, publicUrl.ToString());
            if (!await mailer.TrySendAsync(wish.Email, subject, text, cancel))
                return Answers.ServiceAway("The mail could not be sent. Try again in a few minutes.");
        }
        else if (!known)
        {
            LogNoMail(logging.CreateLogger("CloudPbx.Api.SignUps"), wish.Tenant, link);
        }
        return TypedResults.Accepted((string?)null, new SignUpDto { Email = wish.Email, Domain = domain, ExpiresAt = signUp.ExpiresAt, Token = told ? token : null });
    }

    internal static async Task<Results<Created<SignedUpDto>, ProblemHttpResult>> ConfirmAsync(
        HttpContext http, JsonBody body, SignUpLimit limit, SignUpStore store, SignUpCompletion completion, CancellationToken cancel)
    {
        if (!await IsOperatorAsync(http) && Refuse(http, limit) is { } tooMany)
            return tooMany;
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        string token = reader.Required("token", text => text.Length is > 0 and <= 100 ? null : "Must be what the mail says.");
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (await store.FindAsync(token, cancel) is not { } signUp)
            return Answers.NotFound("This link was used already, or has expired. Sign up again.");
        http.Features.Set(new AuditActor("sign-up", signUp.Email));
        (SignedUpDto? done, ProblemHttpResult? refused) = await completion.CompleteAsync(signUp, cancel);
        if (refused is not null)
            return refused;
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/tenants/{done!.Tenant.Id}", done);
    }

    /// <summary>The plans that companies may choose among, first the one of those who choose none; empty where nobody signs up.</summary>
    private static async Task<GlobalPlan[]> OpenPlansAsync(ResellerStore plans, PlatformSettingsStore store, CancellationToken cancel)
    {
        PlatformSettings settings = await store.GetAsync(cancel);
        return settings.SignUp == false ? [] : [.. (await plans.ListPlansAsync(cancel)).Where(p => p.ForSignUp).OrderByDescending(p => p.Name == settings.SignUpPlan)];
    }

    /// <summary>The SIP domain of a tenant that signs up.</summary>
    internal static string DomainOf(string tenant, SignUpOptions options) => $"{tenant}.{options.Domain}";

    private static ProblemHttpResult? Refuse(HttpContext http, SignUpLimit limit)
    {
        if (!limit.IsExceeded(ForwardedVisitor.AddressOf(http), out TimeSpan retryAfter))
            return null;
        http.Response.Headers.RetryAfter = Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return Answers.TooManyRequests();
    }

    private static async Task<bool> IsOperatorAsync(HttpContext http)
    {
        AuthenticateResult result = await http.AuthenticateAsync(ApiAuthentication.Scheme);
        return result.Succeeded && new Caller() is { } caller && caller.TryEnter(result.Principal) && caller is { Role: UserRole.Operator, MayWrite: true };
    }

    private static NewSignUp Read(JsonBody body, RequestErrors errors)
    {
        ObjectReader reader = body.Read(errors);
        NewSignUp wish = new()
        {
            Email = reader.Required("email", Rules.Email),
            DisplayName = reader.Optional("displayName", Rules.DisplayName),
            Company = reader.Required("company", Rules.DisplayName),
            Tenant = reader.Required("tenant", Rules.TenantName),
            Language = reader.Optional("language", Rules.Language),
            Plan = reader.Optional("plan", Rules.TenantName),
        };
        reader.Finish();
        return wish;
    }

    // Only where no mail can be sent, as on a first try: whoever reads this log runs the platform.
    [LoggerMessage(LogLevel.Warning, "No mail server is set (Mail:Host). The sign-up of {Tenant} is confirmed at {Link}")]
    private static partial void LogNoMail(ILogger logger, string tenant, string link);
}
