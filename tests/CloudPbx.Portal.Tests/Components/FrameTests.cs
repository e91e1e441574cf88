using System.Security.Claims;
using System.Text.RegularExpressions;
using Bunit;
using CloudPbx.Hosting.Web.Brands;
using CloudPbx.Portal.Components.Layout;
using CloudPbx.Portal.Components.Shared;
using CloudPbx.Portal.SignIn;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>The parts of the frame that every open page has, made so that a circuit keeps little of them.</summary>
public sealed partial class FrameTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_shared_theme_is_what_MudBlazor_writes(bool dark)
    {
        await using PortalContext context = new();
        MudTheme theme = Look.Of(new Brand("Acme", Color: "#aa3366"));
        string theirs = context.Bunit.Render<MudThemeProvider>(p => p.Add(t => t.Theme, theme).Add(t => t.IsDarkMode, dark)).Markup;
        var ours = context.Bunit.Render<SharedTheme>(p => p.Add(t => t.Theme, theme).Add(t => t.IsDarkMode, !dark));
        ours.Render(p => p.Add(t => t.IsDarkMode, dark));
        // Less the style of MudBlazor's charts, which no page has.
        Assert.Equal(ChartStyle().Replace(Words(theirs), ""), Words(ours.Markup));
        Assert.NotEqual(Words(ours.Markup), Words(context.Bunit.Render<SharedTheme>(p => p.Add(t => t.Theme, Look.Theme).Add(t => t.IsDarkMode, dark)).Markup));
    }

    [Fact]
    public void Everybody_who_is_shown_a_colour_has_the_same_theme() =>
        Assert.Same(Look.Of(new Brand("Acme", Color: "#aa3366")), Look.Of(new Brand("Other", Color: "#aa3366")));

    [Theory]
    [InlineData("/t/acme", "t/acme")]
    [InlineData("/t/acme/extensions?view=board", "t/acme/extensions")]
    [InlineData("/t/acme/extensions/100", "t/acme/extensions")]
    [InlineData("/t/acme/extensions-bulk", null)]
    [InlineData("/t/acme/phones", "t/acme/phones")]
    [InlineData("/t/acme2", null)]
    public async Task The_navigation_says_where_we_are(string address, string? here)
    {
        await using PortalContext context = new();
        context.Bunit.Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        UserFacts user = UserFacts.Of(new ClaimsPrincipal(new ClaimsIdentity([new Claim("name", "operator"), new Claim("role", "operator")])));
        var menu = context.Bunit.Render<NavMenu>(p => p.Add(m => m.User, user).Add(m => m.Tenant, "acme"));
        Assert.Equal(here is null ? [] : [here], menu.FindAll("a[aria-current=page]").Select(link => link.GetAttribute("href")));
        Assert.Equal(here is null ? [] : [here], menu.FindAll("a.active").Select(link => link.GetAttribute("href")));
    }

    [Fact]
    public void An_icon_is_drawn_once() => Assert.Same(Icon.Of("<path d=\"M0 0h24v24H0z\" />").Value, Icon.Of("<path d=\"M0 0h24v24H0z\" />").Value);

    [GeneratedRegex(@"<style> \.mud-chart-serie.*?</style> ")]
    private static partial Regex ChartStyle();

    private static string Words(string markup) => string.Join(' ', markup.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
