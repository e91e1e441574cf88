using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.Components.Pages.Profiles;
using CloudPbx.Portal.Components.Pages.Trunks;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Portal.Tests.Components;

public sealed class ProfilePageTests
{
    private static readonly Page<TrunkProfile> s_shipped = new(TrunkProfiles.All, null);

    [Theory]
    [InlineData("en", "No profile of your own yet")]
    [InlineData("zh-CN", "还没有自定义配置")]
    public async Task No_profiles_yet_teaches_what_they_are_for(string language, string words)
    {
        await using PortalContext context = new(language);
        context.Api.On("GET /v1/tenants/acme/profiles", new Page<ProfileDto>([], null));
        var page = context.Bunit.Render<ProfilesPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Contains(words, page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_list_says_what_each_starts_from_and_which_trunks_use_it()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/tenants/acme/profiles", new Page<ProfileDto>([Profile("city", "ims", "line", "other"), Profile("idle", "telnyx")], null));
        var page = context.Bunit.Render<ProfilesPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Equal(
            ["city|China Mobile, IMS networks|line, other", "idle|Telnyx|none"], page.FindAll("tbody tr").Select(row => string.Join('|', row.QuerySelectorAll("td").Take(3).Select(cell => cell.TextContent.Trim())))));
    }

    [Fact]
    public async Task A_profile_is_made_and_what_is_wrong_stands_beside_its_field()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/profiles", s_shipped);
        context.Api.OnProblem("POST /v1/tenants/acme/profiles", 400, "validation", new Dictionary<string, string[]> { ["$.name"] = ["The tenant has a profile of this name: choose another."] });
        var page = context.Bunit.Render<ProfilePage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement("#profile-name").Change("city");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("The tenant has a profile of this name", page.Markup, StringComparison.Ordinal));
        Assert.Contains("\"name\":\"city\",\"basedOn\":\"generic\"", context.Api.Asked[^1].Body, StringComparison.Ordinal);
        Assert.Equal("city", page.Find("#profile-name").GetAttribute("value"));                                 // nothing typed is lost

        context.Api.On("POST /v1/tenants/acme/profiles", Profile("town", "generic"));
        page.Find("#profile-name").Change("town");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.EndsWith("/t/acme/profiles", context.Bunit.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_profile_in_use_says_whom_a_change_reaches_and_cannot_be_deleted()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/profiles", s_shipped);
        context.Api.On("GET /v1/tenants/acme/profiles/city", Profile("city", "ims", "line"));
        var page = context.Bunit.Render<ProfilePage>(parameters => parameters.Add(p => p.Tenant, "acme").Add(p => p.Name, "city"));
        page.WaitForAssertion(() => Assert.Equal("A change reaches these trunks at once: line", page.Find(".cp-note").TextContent.Trim()));
        Assert.True(page.Find("button.mud-button-text-error").HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_trunk_may_choose_a_profile_of_the_tenants_own_and_shows_what_that_does()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/profiles", s_shipped);
        context.Api.On("GET /v1/tenants/acme/profiles", new Page<ProfileDto>([Profile("city", "ims", "line")], null));
        TrunkProfile own = new OwnProfile("city", "ims", new TrunkProfileChanges { FromUser = "by-city" }).ToProfile();
        context.Api.On("GET /v1/tenants/acme/trunks/line", new TrunkDto
        {
            Id = TrunkId.New(), Name = "line", Owner = default, RegistrationSeconds = 3600, Recording = default, Kind = TrunkKind.Ip, Enabled = true, Server = new TrunkServer("sip.carrier.example"),
            Accounts = [], Sources = [], Profile = own, Changes = new TrunkProfileChanges(),
        });
        context.Api.On("PUT /v1/tenants/acme/trunks/line", new { });
        var page = context.Bunit.Render<TrunkPage>(parameters => parameters.Add(p => p.Tenant, "acme").Add(p => p.Name, "line"));
        page.WaitForAssertion(() => Assert.Contains("as the profile: by-city", page.Markup, StringComparison.Ordinal));
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("\"profile\":\"city\"", context.Api.Asked.Last(asked => asked.Request.StartsWith("PUT ", StringComparison.Ordinal)).Body, StringComparison.Ordinal));
    }

    private static ProfileDto Profile(string name, string basedOn, params string[] trunks)
    {
        TrunkProfileChanges changes = new() { FromUser = "by-" + name };
        return new ProfileDto { Id = ProfileId.New(), Name = name, BasedOn = basedOn, Changes = changes, Profile = new OwnProfile(name, basedOn, changes).ToProfile(), Trunks = trunks };
    }
}
