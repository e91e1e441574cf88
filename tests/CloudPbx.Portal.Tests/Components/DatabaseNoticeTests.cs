using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Components.Layout;
using CloudPbx.Portal.SignIn;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Portal.Tests.Components;

public sealed class DatabaseNoticeTests
{
    [Theory]
    [InlineData("en", "calls and phones go on")]
    [InlineData("zh-CN", "通话和话机不受影响")]
    public async Task While_the_database_is_away_every_page_says_that_it_is_read_only_and_when_it_is_back_no_more(string language, string words)
    {
        await using PortalContext context = new(language);
        IRenderedComponent<DatabaseNotice> notice = context.Bunit.Render<DatabaseNotice>();
        Assert.Empty(notice.FindAll("[data-testid=read-only]"));
        PbxApi api = context.Bunit.Services.GetRequiredService<PbxApi>();
        context.Api.OnProblem("PUT /v1/plans/large", 503, "database-away");
        await Assert.ThrowsAsync<ApiProblemException>(() => api.SavePlanAsync(new PlanDto { Name = "large" }, CancellationToken.None));
        notice.WaitForAssertion(() => Assert.Contains(words, notice.Find("[data-testid=read-only]").TextContent, StringComparison.Ordinal));
        context.Api.On("PUT /v1/plans/large", new PlanDto { Name = "large" });
        await api.SavePlanAsync(new PlanDto { Name = "large" }, CancellationToken.None);
        notice.WaitForAssertion(() => Assert.Empty(notice.FindAll("[data-testid=read-only]")));
    }

    [Fact]
    public async Task A_users_navigation_has_their_own_phone_calls_and_recordings_alone()
    {
        await using PortalContext context = new();
        IRenderedComponent<NavMenu> menu = context.Bunit.Render<NavMenu>(parameters => parameters.Add(p => p.User, new UserFacts("Alice", UserRole.User, "acme", "100")).Add(p => p.Tenant, "acme"));
        Assert.Equal(["t/acme/phone", "t/acme/extensions/100", "t/acme/calls", "t/acme/recordings"], menu.FindAll("a").Select(link => link.GetAttribute("href")));
    }
}
