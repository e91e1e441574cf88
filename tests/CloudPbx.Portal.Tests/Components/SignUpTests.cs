using System.Security.Claims;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Pages.SignUp;
using CloudPbx.Portal.Languages;
using CloudPbx.Portal.Phones;
using CloudPbx.Portal.SignUp;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Tests.Components;

public sealed class SignUpTests
{
    private const string Secret = "only-once-here", Link = "https://pbx.example/account/password?token=abc", Used = "This link was used already, or has expired. Sign up again.";

    private static readonly DateTime s_end = new(2026, 12, 24, 10, 30, 0, DateTimeKind.Utc);

    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("en", "Must be a mail address such as \"alice@example.com\".", "Must be 1 to 63 lower-case letters")]
    [InlineData("zh-CN", "alice@example.com", "须为")]
    public async Task What_is_wrong_is_told_beside_each_field_in_the_users_language_and_nothing_typed_is_lost(string language, string mail, string name)
    {
        await using PortalContext context = new(language);
        context.Api.OnProblem("POST /v1/signups", 400, "validation", new Dictionary<string, string[]>
        {
            ["$.email"] = ["Must be a mail address such as \"alice@example.com\"."],
            ["$.tenant"] = ["Must be 1 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit, for example \"acme\"."],
        });
        SignUpForm form = Form();
        Assert.Null(await form.SendAsync(context.Api.Client(), new Texts(), Cancel));
        IHtmlDocument page = Show<SignUpPage>(context, parameters => parameters.Add(p => p.Form, form));
        Assert.Contains(mail, page.QuerySelector("#email-fault")!.TextContent, StringComparison.Ordinal);
        Assert.Contains(name, page.QuerySelector("#tenant-fault")!.TextContent, StringComparison.Ordinal);
        Assert.Null(page.QuerySelector("#company-fault"));
        Assert.Equal(["Acme & Co", "alice@", "Alice", "ACME"], new[] { "company", "email", "displayName", "tenant" }.Select(field => page.GetElementById(field)!.GetAttribute("value")));
        Assert.Equal("zh-CN", page.QuerySelector("option[selected]")!.GetAttribute("value"));
        Assert.Equal("email-fault email-help", page.GetElementById("email")!.GetAttribute("aria-describedby"));
    }

    [Fact]
    public async Task A_name_that_somebody_has_is_told_beside_it()
    {
        await using PortalContext context = new();
        context.Api.OnProblem("POST /v1/signups", 409, "taken", new Dictionary<string, string[]> { ["$.tenant"] = ["Another tenant has this name: choose another."] });
        SignUpForm form = Form();
        Assert.Null(await form.SendAsync(context.Api.Client(), new Texts(), Cancel));
        Assert.Equal("Another tenant has this name: choose another.", form.Errors["tenant"]);
        Assert.Null(form.Errors.General);
    }

    [Theory]
    [InlineData("en", 403, "forbidden", "Sign-up is not open on this platform. Ask its operator.", "cannot sign up here")]
    [InlineData("en", 429, "too-many-requests", "Wait.", "Try again in an hour")]
    [InlineData("en", 503, "service-away", "The mail could not be sent. Try again in a few minutes.", "The mail could not be sent.")]
    [InlineData("zh-CN", 403, "forbidden", "Sign-up is not open on this platform. Ask its operator.", "未开放自助注册")]
    [InlineData("zh-CN", 503, "service-away", "The mail could not be sent. Try again in a few minutes.", "邮件未能发送")]
    public async Task A_platform_that_takes_no_sign_up_now_says_why(string language, int status, string kind, string detail, string sentence)
    {
        await using PortalContext context = new(language);
        context.Api.OnProblem("POST /v1/signups", status, kind, detail: detail);
        SignUpForm form = Form();
        Assert.Null(await form.SendAsync(context.Api.Client(), new Texts(), Cancel));
        IHtmlDocument page = Show<SignUpPage>(context, parameters => parameters.Add(p => p.Form, form));
        Assert.Contains(sentence, page.QuerySelector("[data-testid=fault]")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("Acme & Co", page.GetElementById("company")!.GetAttribute("value"));
    }

    [Fact]
    public async Task A_stranger_needs_no_token_and_is_told_where_the_mail_went()
    {
        await using PortalContext context = new();
        context.Api.Token = null;
        context.Api.On("POST /v1/signups", Waiting(token: null), System.Net.HttpStatusCode.Accepted);
        SignUpDto? waiting = await Form().SendAsync(context.Api.Client(), new Texts(), Cancel);
        (_, string? body, string? token) = Assert.Single(context.Api.Asked);
        Assert.Null(token);
        Assert.Equal("""{"email":"alice@","displayName":"Alice","company":"Acme \u0026 Co","tenant":"ACME","language":"zh-CN"}""", body);
        IHtmlDocument page = Show<SignUpSentPage>(context, parameters => parameters.Add(p => p.Waiting, waiting!));
        Assert.Contains("A link goes to alice@example.com. Open it before 24 Dec 2026 10:30 UTC: your domain will be acme.pbx.example.", page.Body!.TextContent, StringComparison.Ordinal);
        Assert.Null(page.QuerySelector("a[href*=token]"));
    }

    [Fact]
    public async Task The_link_is_on_the_page_where_no_mail_can_be_sent()
    {
        await using PortalContext context = new();
        context.Api.On("POST /v1/signups", Waiting("to+ken"), System.Net.HttpStatusCode.Accepted);
        SignUpDto? waiting = await Form().SendAsync(context.Api.Client(), new Texts(), Cancel);
        Assert.Equal("token", Assert.Single(context.Api.Asked).Token);
        IHtmlDocument page = Show<SignUpSentPage>(context, parameters => parameters.Add(p => p.Waiting, waiting!));
        Assert.Equal("/signup/confirm?token=to%2Bken", page.QuerySelector("a.go")!.GetAttribute("href"));
    }

    [Theory]
    [InlineData("en", "has expired")]
    [InlineData("zh-CN", "已过期")]
    public async Task A_link_that_was_used_is_told_in_the_users_language_with_the_way_back(string language, string sentence)
    {
        await using PortalContext context = new(language);
        context.Api.OnProblem("POST /v1/signups/confirm", 404, "not-found", detail: Used);
        (SignedUpDto? done, string? fault) = await SignUpEndpoints.TryConfirmAsync(context.Api.Client(), "t", new Texts(), Cancel);
        Assert.Null(done);
        IHtmlDocument page = Show<SignUpConfirmPage>(context, parameters => parameters.Add(p => p.Token, "t").Add(p => p.Fault, fault));
        Assert.Contains(sentence, page.QuerySelector("[data-testid=fault]")!.TextContent, StringComparison.Ordinal);
        Assert.NotNull(page.QuerySelector("a[href='/signup']"));
    }

    [Fact]
    public async Task Opening_the_link_makes_nothing_before_the_button_is_pressed()
    {
        await using PortalContext context = new();
        IHtmlDocument page = Show<SignUpConfirmPage>(context, parameters => parameters.Add(p => p.Token, "secret"));
        Assert.Empty(context.Api.Asked);
        Assert.Equal("secret", page.QuerySelector("form[method=post][action='/signup/confirm'] input[name=token]")!.GetAttribute("value"));
    }

    [Fact]
    public async Task A_link_without_its_end_is_told_without_asking()
    {
        await using PortalContext context = new();
        (SignedUpDto? done, string? fault) = await SignUpEndpoints.TryConfirmAsync(context.Api.Client(), " ", new Texts(), Cancel);
        Assert.Null(done);
        Assert.Contains("not complete", fault, StringComparison.Ordinal);
        Assert.Empty(context.Api.Asked);
    }

    [Fact]
    public async Task Where_people_sign_in_with_the_operator_token_the_first_phone_is_told_at_once()
    {
        await using PortalContext context = new();
        context.Api.On("POST /v1/signups/confirm", Done(), System.Net.HttpStatusCode.Created);
        (SignedUpDto? done, _) = await SignUpEndpoints.TryConfirmAsync(context.Api.Client(), "t", new Texts(), Cancel);
        Assert.Equal("""{"token":"t"}""", Assert.Single(context.Api.Asked).Body);
        PhoneAccount account = new(done!.Domain, "192.0.2.1", 5061, 5060, done.SipUser, done.SipPassword, done.Extension);
        IHtmlDocument page = Show<SignedUpPage>(context, parameters => parameters
            .Add(p => p.Done, done).Add(p => p.Account, account).Add(p => p.Code, "https://pbx.example/v1/provisioning/1"));
        Assert.Equal("Acme & Co can make calls", page.QuerySelector("h1")!.TextContent);
        Assert.Contains("extension is 100, your domain acme.pbx.example. You may try it until 24 Dec 2026.", page.Body!.TextContent, StringComparison.Ordinal);
        Assert.All(page.QuerySelectorAll("details"), phone => Assert.Equal(Secret, phone.QuerySelector("[data-field=password]")!.TextContent));
        Assert.Equal(["linphone", "desk", "other"], page.QuerySelectorAll("details").Select(phone => phone.GetAttribute("data-testid")));      // GNOME Calls would reach the default tenant
        Assert.Equal("acme.pbx.example", page.QuerySelector("[data-testid=linphone] [data-field=domain]")!.TextContent);
        Assert.Equal(Link, page.QuerySelector("[data-testid=password]")!.GetAttribute("href"));
        Assert.DoesNotContain(Secret, string.Concat(page.QuerySelectorAll("a").Select(link => link.GetAttribute("href"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_form_offers_the_plans_and_says_what_the_domain_will_be()
    {
        await using PortalContext context = new();
        context.Api.Token = null;
        context.Api.On("GET /v1/signups", new SignUpOfferDto
        {
            Open = true, Domain = "pbx.example", ByMail = false,
            Plans = [new PlanDto { Name = "basic", DisplayName = "Basic", MaxExtensions = 5, ForSignUp = true }, new PlanDto { Name = "trial", TrialDays = 30, MaxExtensions = 20, MaxChannels = 10, ForSignUp = true }],
        });
        SignUpOfferDto offer = await context.Api.Client().SignUpOfferAsync(Cancel);
        IHtmlDocument page = Show<SignUpPage>(context, parameters => parameters.Add(p => p.Form, new SignUpForm { Offer = offer, Plan = "trial" }));
        Assert.Equal(".pbx.example", page.GetElementById("tenant-suffix")!.TextContent);
        Assert.Equal(["Basic5 extensions", "trial30 days to try, 20 extensions, 10 calls outside at once"], page.QuerySelectorAll(".cp-plan").Select(plan => plan.TextContent.Trim()));
        Assert.Equal("trial", page.QuerySelector("input[name=plan][checked]")!.GetAttribute("value"));
        Assert.DoesNotContain("A link goes there", page.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_platform_that_is_not_open_shows_no_form()
    {
        await using PortalContext context = new("zh-CN");
        SignUpOfferDto closed = new() { Open = false, Domain = "pbx.example", ByMail = true, Plans = [] };
        IHtmlDocument page = Show<SignUpPage>(context, parameters => parameters.Add(p => p.Form, new SignUpForm { Offer = closed }));
        Assert.Null(page.QuerySelector("form"));
        Assert.Contains("未开放自助注册", page.QuerySelector("[data-testid=closed]")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_visitors_address_goes_with_the_request()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/signups", new SignUpOfferDto { Open = false, Domain = "x", ByMail = true, Plans = [] });
        context.Api.Visitor = System.Net.IPAddress.Parse("192.0.2.7");
        await context.Api.Client().SignUpOfferAsync(Cancel);
        context.Api.Visitor = null;
        await context.Api.Client().SignUpOfferAsync(Cancel);
        Assert.Equal(["192.0.2.7", null], context.Api.Visitors);
    }

    [Theory]
    [InlineData("only-once-here", "The password is shown this once")]
    [InlineData(null, "cannot be shown again")]
    public async Task The_welcome_has_the_first_phones_password_as_long_as_it_is_kept(string? kept, string sentence)
    {
        await using PortalContext context = new("en", new Claim("name", "Alice"), new Claim("role", "administrator"), new Claim("tenant", "t"));
        context.FirstPhone.Secret = kept;
        object device = new { id = DeviceId.New(), extension = "100", name = "Phone", authUser = "100", encryption = "optional", digestSha256 = false };
        context.Api.On("GET /v1/tenants/acme", NewTenant());
        context.Api.On("GET /v1/tenants/acme/domains", new Page<DomainDto>([new DomainDto("acme.pbx.example", true)], null));
        context.Api.On("GET /v1/tenants/acme/plan", new TenantPlanDto { TrialEndsAt = s_end, Extensions = 1, Trunks = 0 });
        context.Api.On("GET /v1/tenants/acme/extensions", new { items = new[] { new { id = ExtensionId.New(), number = "100", displayName = "Alice", recording = "off", forwards = new { }, limits = new { } } } });
        context.Api.On("GET /v1/tenants/acme/devices", new { items = new[] { device } });
        IRenderedComponent<WelcomePage> page = context.Bunit.Render<WelcomePage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement("[data-testid=connect]");
        Assert.Contains("Acme & Co can make calls", page.Find("h1").TextContent, StringComparison.Ordinal);
        Assert.Contains("extension is 100, your domain acme.pbx.example. You may try it until 24 Dec 2026.", page.Find(".lead").TextContent, StringComparison.Ordinal);
        Assert.Contains(sentence, page.Find("[data-testid=connect]").TextContent, StringComparison.Ordinal);
        Assert.Equal("acme.pbx.example", page.Find("[data-field=server]").TextContent);           // GNOME Calls finds a tenant that is not the default by its domain
    }

    /// <summary>A whole page, as a browser reads it.</summary>
    private static IHtmlDocument Show<T>(PortalContext context, Action<ComponentParameterCollectionBuilder<T>> parameters)
        where T : IComponent => new HtmlParser().ParseDocument(context.Bunit.Render(parameters).Markup);

    private static SignUpForm Form() => new() { Company = "Acme & Co", Email = "alice@", DisplayName = "Alice", Tenant = "ACME", Language = "zh-CN" };

    private static SignUpDto Waiting(string? token) => new() { Email = "alice@example.com", Domain = "acme.pbx.example", ExpiresAt = s_end, Token = token };

    private static SignedUpDto Done() => new()
    {
        Tenant = NewTenant(), Domain = "acme.pbx.example", Extension = "100", SipUser = "100", SipPassword = Secret, PasswordLink = Link, ProvisioningUrl = "https://pbx.example/v1/provisioning/1", TrialEndsAt = s_end,
    };

    private static TenantDto NewTenant() => new() { Id = TenantId.New(), Name = "acme", DisplayName = "Acme & Co", Language = "en", RingSeconds = 60, IsDefault = false, HoldMusic = true, Announcements = false, RecordingNotice = RecordingNotice.None, ConfigVersion = 1, CreatedAt = s_end };
}
