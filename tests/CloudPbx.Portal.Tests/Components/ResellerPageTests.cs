using System.Net;
using System.Security.Claims;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Hosting.Web.Brands;
using CloudPbx.Portal.Components.Layout;
using CloudPbx.Portal.Components.Pages.Audit;
using CloudPbx.Portal.Components.Pages.Keys;
using CloudPbx.Portal.Components.Pages.Plans;
using CloudPbx.Portal.Components.Pages.Platform;
using CloudPbx.Portal.Components.Pages.Resellers;
using CloudPbx.Portal.Components.Pages.Users;
using CloudPbx.Portal.Components.Pages.Webhooks;
using CloudPbx.Portal.Components.Shared;
using CloudPbx.Portal.SignIn;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>Pages of resellers and of the platform: the tenant's components with another owner.</summary>
public sealed class ResellerPageTests
{
    [Fact]
    public async Task People_keys_webhooks_and_audit_of_a_reseller_are_asked_for_below_the_reseller()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/resellers/north/users", new Page<UserDto>([], null));
        context.Api.On("GET /v1/resellers/north/keys", new Page<ApiKeyDto>([], null));
        context.Api.On("GET /v1/resellers/north/webhooks", new Page<WebhookDto>([], null));
        context.Api.On("GET /v1/resellers/north/audit?limit=100", new Page<AuditEntryDto>([Entry("/v1/tenants/acme", "DeleteTenant"), Entry("/v1/resellers/north/keys/crm", "DeleteResellerKey")], null));
        context.Bunit.Render<UsersPage>(parameters => parameters.Add(p => p.Reseller, "north")).WaitForElement(".cp-empty, .cp-card");
        context.Bunit.Render<KeysPage>(parameters => parameters.Add(p => p.Reseller, "north")).WaitForElement(".cp-card");
        context.Bunit.Render<WebhookListPage>(parameters => parameters.Add(p => p.Reseller, "north")).WaitForElement(".cp-card");
        IRenderedComponent<AuditPage> audit = context.Bunit.Render<AuditPage>(parameters => parameters.Add(p => p.Reseller, "north"));
        audit.WaitForElement("[data-testid=audit]");
        Assert.Contains("which tenants it made and deleted", audit.Find(".cp-head").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(context.Api.Asked, asked => !asked.Request.StartsWith("GET /v1/resellers/north/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Shared_trunks_and_the_inventory_of_a_reseller_are_read_and_saved_below_the_reseller()
    {
        await using PortalContext context = new();
        TrunkProfile generic = TrunkProfiles.All[0];
        TrunkDto trunk = new()
        {
            Id = TrunkId.New(), Name = "carrier", Owner = TrunkOwner.Reseller, RegistrationSeconds = 3600, Recording = default, Kind = TrunkKind.Ip, Enabled = true, Server = new TrunkServer("sip.carrier.example"), Accounts = [], Sources = [], Profile = generic,
            Changes = new TrunkProfileChanges(),
        };
        context.Api.On("GET /v1/profiles", new Page<TrunkProfile>([generic], null));
        context.Api.On("GET /v1/resellers/north/trunks", new Page<TrunkDto>([trunk], null));
        context.Api.On("GET /v1/resellers/north/trunks-status", new Page<SharedTrunkStatusDto>(
            [new SharedTrunkStatusDto { Name = "carrier", Kind = TrunkKind.Ip, Lines = [], Enabled = true, Calls = 7, Tenants = 3, TenantsDown = 1, Reach = TrunkReach.Up, LastFailure = new TrunkFailureDto(DateTime.UtcNow, 503, "Busy"), LastCallFailure = new TrunkFailureDto(DateTime.UtcNow, 503, "Out of lines") }], null));
        context.Api.On("GET /v1/resellers/north/trunks/carrier", trunk);
        context.Api.On("PUT /v1/resellers/north/trunks/carrier", trunk);
        context.Api.On("GET /v1/resellers/north/numbers", new Page<InventoryNumberDto>([], null));
        context.Api.On("POST /v1/resellers/north/numbers", new InventoryNumberDto { Number = "+498912345", Trunk = "carrier" }, HttpStatusCode.Created);
        IRenderedComponent<PlatformTrunksPage> list = context.Bunit.Render<PlatformTrunksPage>(parameters => parameters.Add(p => p.Reseller, "north"));
        Assert.Equal("/r/north/trunks/carrier", list.WaitForElement("a.main").GetAttribute("href"));
        list.WaitForAssertion(() => Assert.StartsWith("No answer for 1 of 3 companies: 503 Busy", list.Find("[data-testid=reach]").TextContent.Trim(), StringComparison.Ordinal));
        Assert.StartsWith("The last call by it failed: \"503 Out of lines\"", list.Find("[data-testid=calls]").TextContent.Trim(), StringComparison.Ordinal);
        Assert.Contains("7 calls", list.Find("td.end").TextContent, StringComparison.Ordinal);
        IRenderedComponent<PlatformTrunkPage> one = context.Bunit.Render<PlatformTrunkPage>(parameters => parameters.Add(p => p.Reseller, "north").Add(p => p.Name, "carrier"));
        one.WaitForElement("form").Submit();
        one.WaitForAssertion(() => Assert.EndsWith("/r/north/trunks", context.Bunit.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal));
        IRenderedComponent<InventoryPage> numbers = context.Bunit.Render<InventoryPage>(parameters => parameters.Add(p => p.Reseller, "north"));
        numbers.WaitForElement(".cp-empty");
        Assert.Contains("gives to its tenants", numbers.Find(".cp-head").TextContent, StringComparison.Ordinal);
        numbers.Find(".cp-head button").Click();
        context.Dialogs.WaitForElement("#inventory-number").Change("+498912345");
        context.Dialogs.Find(".mud-dialog-actions button.mud-button-filled").Click();
        context.Dialogs.WaitForAssertion(() => Assert.Contains("POST /v1/resellers/north/numbers", context.Api.Asked.Select(asked => asked.Request)));
        Assert.DoesNotContain(context.Api.Asked, asked => asked.Request.Contains("/v1/platform", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_platforms_audit_log_says_what_was_done_to_whom_in_both_languages()
    {
        foreach ((string language, string words) in ((string, string)[])[("en", "Company deleted"), ("zh-CN", "删除了公司")])
        {
            await using PortalContext context = new(language);
            context.Api.On("GET /v1/platform/audit?limit=100", new Page<AuditEntryDto>([Entry("/v1/tenants/acme", "DeleteTenant"), Entry("/v1/platform/settings", "ChangePlatformSettings")], null));
            IRenderedComponent<AuditPage> page = context.Bunit.Render<AuditPage>();
            page.WaitForAssertion(() => Assert.Contains(words, page.Find("[data-testid=audit]").TextContent, StringComparison.Ordinal));
            Assert.Equal(["tenants/acme", "platform/settings"], page.FindAll("[data-testid=audit] .mono").Select(cell => cell.TextContent));
        }
    }

    [Fact]
    public async Task An_operator_is_let_in_without_role_and_extension()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/platform/users", new Page<UserDto>([], null));
        UserDto made = new() { Id = UserId.New(), UserName = "ops@example.com", DisplayName = "ops", Role = UserRole.Operator, Enabled = true, HasPassword = false, TwoFactor = false, CreatedAt = DateTime.UnixEpoch, PasswordLink = "https://pbx.example/account/password?token=once" };
        context.Api.On("POST /v1/platform/users", made, HttpStatusCode.Created);
        IRenderedComponent<UsersPage> page = context.Bunit.Render<UsersPage>();
        page.WaitForElement(".cp-head button").Click();
        context.Dialogs.WaitForElement("#user-email").Change("ops@example.com");
        Assert.Empty(context.Dialogs.FindAll("#user-extension"));
        context.Dialogs.Find(".mud-dialog-actions button.mud-button-filled").Click();
        context.Dialogs.WaitForElement("[data-field=link]");
        Assert.Contains("""{"email":"ops@example.com","enabled":true}""", context.Api.Asked.Select(asked => asked.Body));
    }

    [Fact]
    public async Task A_resellers_usage_is_told_by_tenant_with_its_sum_and_by_month()
    {
        await using PortalContext context = new();
        string now = DateTime.UtcNow.ToString("yyyy-MM", null), before = DateTime.UtcNow.AddDays(1 - DateTime.UtcNow.Day).AddMonths(-1).ToString("yyyy-MM", null);
        context.Api.On("GET /v1/resellers/north", new ResellerDto { Id = ResellerId.New(), Name = "north", DisplayName = "North Telecom", Branding = new(), CreatedAt = DateTime.UnixEpoch });
        context.Api.On($"GET /v1/resellers/north/usage?month={now}", new Page<UsageDto>([Usage("acme", 3), Usage("globex", 4)], null));
        context.Api.On($"GET /v1/resellers/north/usage?month={before}", new Page<UsageDto>([Usage("acme", 1)], null));
        IRenderedComponent<ResellerPage> page = context.Bunit.Render<ResellerPage>(parameters => parameters.Add(p => p.Reseller, "north"));
        page.WaitForElement("[data-testid=usage]");
        Assert.Contains("North Telecom", page.Find(".cp-head").TextContent, StringComparison.Ordinal);
        Assert.Equal("7", page.FindAll("tfoot td")[1].TextContent);
        page.Find("[data-testid=usage-export]").Click();
        page.WaitForAssertion(() => Assert.Contains(
            context.Bunit.JSInterop.Invocations, call => call.Identifier == "cloudpbx.download" && $"{call.Arguments[2]}".Contains("acme,2026-11,1,3,3,60,0,3600,1048576", StringComparison.Ordinal)));
        page.FindAll(".cp-card-head button")[0].Click();
        page.WaitForAssertion(() => Assert.Equal("1", page.FindAll("tfoot td")[1].TextContent));
        Assert.False(page.FindAll(".cp-card-head button")[1].HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_plan_is_made_and_its_empty_figures_are_no_limits()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/plans", new Page<PlanDto>([new PlanDto { Name = "trial", DisplayName = "Trial", MaxExtensions = 20, ForSignUp = true }], null));
        context.Api.On("PUT /v1/plans/large", new PlanDto { Name = "large" });
        IRenderedComponent<PlanListPage> page = context.Bunit.Render<PlanListPage>();
        Assert.Contains("no limit", page.WaitForElement("[data-testid=plans]").TextContent, StringComparison.Ordinal);
        page.Find(".cp-head button").Click();
        context.Dialogs.WaitForElement("#plan-name");
        context.Dialogs.Find(".mud-dialog-actions button.mud-button-filled").Click();
        context.Dialogs.WaitForAssertion(() => Assert.Contains("Give it a name", context.Dialogs.Markup, StringComparison.Ordinal));
        context.Dialogs.Find("#plan-name").Change("large");
        context.Dialogs.Find("#plan-extensions").Change("500");
        context.Dialogs.Find(".mud-dialog-actions button.mud-button-filled").Click();
        context.Dialogs.WaitForAssertion(() => Assert.Contains("""{"name":"large","maxExtensions":500,"forSignUp":false}""", context.Api.Asked.Select(asked => asked.Body)));
    }

    [Theory]
    [InlineData("operator", true)]
    [InlineData("administrator", false)]
    public async Task A_tenants_plan_is_seen_by_its_administrator_and_decided_above(string role, bool decides)
    {
        await using PortalContext context = new("en", new Claim("name", "x"), new Claim("role", role));
        context.Api.On("GET /v1/plans", new Page<PlanDto>([], null));
        context.Api.On("GET /v1/tenants/acme/plan", new TenantPlanDto { Plan = "trial", MaxExtensions = 20, Extensions = 3, Trunks = 0 });
        context.Api.On("GET /v1/tenants/acme/usage", Usage("acme", 3));
        IRenderedComponent<TenantPlanPage> page = context.Bunit.Render<TenantPlanPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        Assert.Contains("3 of 20", page.WaitForElement("[data-testid=plan]").TextContent, StringComparison.Ordinal);
        Assert.Equal(decides ? 1 : 0, page.FindAll("[data-testid=suspend]").Count);
        Assert.Equal(decides ? 1 : 0, page.FindAll("form").Count);
        Assert.Equal(decides ? 1 : 0, page.FindAll("#limit-storage").Count);
    }

    [Fact]
    public async Task A_branding_is_shown_before_it_is_saved_and_what_is_wrong_stands_beside_the_field()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/resellers/north", new ResellerDto { Id = ResellerId.New(), Name = "north", DisplayName = "North", Branding = new() { Name = "North Voice", Color = "#0b5cad" }, CreatedAt = DateTime.UnixEpoch });
        context.Api.OnProblem("PUT /v1/resellers/north", 400, "validation", new Dictionary<string, string[]> { ["$.branding.color"] = ["Must be a colour such as \"#0b5cad\"."] });
        IRenderedComponent<BrandingPage> page = context.Bunit.Render<BrandingPage>(parameters => parameters.Add(p => p.Reseller, "north"));
        Assert.Contains("--brand:#0b5cad", page.WaitForElement("[data-testid=preview]").GetAttribute("style"), StringComparison.Ordinal);
        page.Find("#brand-name").Input("South Voice");
        page.Find("#brand-color").Input("red;background:url(//evil.example)");
        page.WaitForAssertion(() => Assert.Contains("South Voice", page.Find("[data-testid=preview]").TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain("evil", page.Find("[data-testid=preview]").GetAttribute("style"), StringComparison.Ordinal);
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("Must be a colour", page.Markup, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("#ffffff")]
    [InlineData("#000000")]
    [InlineData("#0e6b66")]
    [InlineData("#f5d90a")]
    public async Task The_previews_button_is_readable_on_every_colour(string color)          // WCAG 2.2, 1.4.3
    {
        await using PortalContext context = new();
        IRenderedComponent<BrandingPreview> preview = context.Bunit.Render<BrandingPreview>(parameters => parameters.Add(p => p.Color, color));
        Dictionary<string, string> style = preview.Find("[data-testid=preview]").GetAttribute("style")!.Split(';').Select(part => part.Split(':')).ToDictionary(part => part[0], part => part[1]);
        Assert.True(BrandColors.Contrast(style["--brand"], style["--on-brand"]) >= 4.5);
        Assert.True(BrandColors.Contrast(style["--brand-night"], style["--on-brand-night"]) >= 4.5);
    }

    [Fact]
    public async Task A_reseller_finds_its_own_pages_and_not_the_operators()
    {
        await using PortalContext context = new();
        IRenderedComponent<NavMenu> menu = context.Bunit.Render<NavMenu>(parameters => parameters.Add(p => p.User, new UserFacts("North", UserRole.Reseller, null, null, Reseller: "0123")));
        string[] links = [.. menu.FindAll("a").Select(link => link.GetAttribute("href")!)];
        Assert.Contains("r/0123/users", links);
        Assert.DoesNotContain(links, link => link is "platform/plans" or "platform/resellers" or "platform/users" or "platform/bans");
    }

    private static AuditEntryDto Entry(string target, string action) => new() { Id = Guid.NewGuid(), At = DateTime.UnixEpoch, Actor = "operator-token", ActorName = "operator token", Action = action, Target = target, Status = 204 };

    private static UsageDto Usage(string tenant, int calls) => new()
    {
        TenantId = TenantId.New(), Tenant = tenant, Month = "2026-11", Extensions = 1, Calls = calls, AnsweredCalls = calls, InternalSeconds = 60, InboundSeconds = 0, OutboundSeconds = 3600, StorageOctets = 1048576,
    };
}
