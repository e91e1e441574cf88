using System.Net;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.Components.Pages.Settings;
using Microsoft.AspNetCore.Components.Forms;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>The limits of a tenant's calls to the outside, and the rates by which money is counted.</summary>
public sealed class LimitsTests
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    [Fact]
    public async Task Every_limit_is_set_in_the_form_and_money_is_typed_in_the_tables_currency()
    {
        await using PortalContext context = Context("reseller", new CallLimits { MicroUnitsPerDay = 12_500_000, MaxChannels = 7 });
        context.Api.On("PUT /v1/tenants/acme/limits", new CallLimits());
        var page = Render(context);
        Assert.Equal(12.5m, decimal.Parse(page.WaitForElement("#limit-microUnitsPerDay").GetAttribute("value")!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(("10", "3", "no limit"), (Placeholder("maxCallsAbroad"), Placeholder("maxCallsAbroadPerExtension"), Placeholder("maxOutsideCalls")));

        string? Placeholder(string field) => page.Find("#limit-" + field).GetAttribute("placeholder");
        foreach ((string field, string value) in new[]
        {
            ("maxOutsideCalls", "5"), ("maxOutsideCallsPerExtension", "2"), ("maxCallsAbroad", "4"), ("maxCallsAbroadPerExtension", "1"), ("outsideCallsPerMinute", "6"), ("maxCallSeconds", "3600"), ("outsideMinutesPerDay", "600"),
            ("outsideMinutesPerDayPerExtension", "60"), ("microUnitsPerDay", "20"), ("microUnitsPerDayPerExtension", "0.5"), ("microUnitsPerDayPerDestination", "500"),
        })
            page.Find("#limit-" + field).Change(value);
        page.Find("#limit-countries").Change("de FR");
        Assert.True(page.Find("[data-testid=limit-all-countries] input, input[data-testid=limit-all-countries]").HasAttribute("disabled"));      // a list says it already
        page.FindAll("section[aria-labelledby=limits] .mud-switch input")[1].Change(true);
        page.FindAll("section[aria-labelledby=limits] .mud-switch input")[2].Change(true);
        page.Find("section[aria-labelledby=limits] form").Submit();
        page.WaitForAssertion(() => Assert.Contains(context.Api.Asked, asked => asked.Request == "PUT /v1/tenants/acme/limits"));
        CallLimits sent = JsonSerializer.Deserialize<CallLimits>(context.Api.Asked.Single(asked => asked.Request == "PUT /v1/tenants/acme/limits").Body!, s_json)!;
        Assert.Equal(["DE", "FR"], sent.AllowedCountries);
        Assert.Equal(
            new CallLimits
            {
                MaxChannels = 7, MaxOutsideCalls = 5, MaxOutsideCallsPerExtension = 2, MaxCallsAbroad = 4, MaxCallsAbroadPerExtension = 1, OutsideCallsPerMinute = 6, MaxCallSeconds = 3600, OutsideMinutesPerDay = 600, OutsideMinutesPerDayPerExtension = 60,
                MicroUnitsPerDay = 20_000_000, MicroUnitsPerDayPerExtension = 500_000, MicroUnitsPerDayPerDestination = 500_000_000, AllowPremiumNumbers = true, AllowForwardAbroad = true,
            },
            sent with { AllowedCountries = null });
    }

    [Fact]
    public async Task All_countries_may_be_allowed_where_none_are_listed()
    {
        await using PortalContext context = Context("reseller", new CallLimits { MaxChannels = 7 });
        context.Api.On("PUT /v1/tenants/acme/limits", new CallLimits());
        var page = Render(context);
        page.WaitForElement("#limit-countries");
        page.FindAll("section[aria-labelledby=limits] .mud-switch input")[0].Change(true);
        page.Find("section[aria-labelledby=limits] form").Submit();
        page.WaitForAssertion(() => Assert.Contains(context.Api.Asked, asked => asked.Request == "PUT /v1/tenants/acme/limits"));
        CallLimits sent = JsonSerializer.Deserialize<CallLimits>(context.Api.Asked.Single(asked => asked.Request == "PUT /v1/tenants/acme/limits").Body!, s_json)!;
        Assert.Equal(new CallLimits { MaxChannels = 7, AllowAllCountries = true }, sent);
    }

    [Fact]
    public async Task An_administrator_sees_what_the_provider_set_and_changes_nothing()
    {
        await using PortalContext context = Context("administrator", new CallLimits { OutsideMinutesPerDay = 600 }, "prefix,perMinute\n+4989,0.0125\n");
        var page = Render(context);
        Assert.True(page.WaitForElement("#limit-outsideMinutesPerDay").HasAttribute("readonly"));
        Assert.Equal("600", page.Find("#limit-outsideMinutesPerDay").GetAttribute("value"));
        Assert.Empty(page.FindAll("section[aria-labelledby=limits] button[type=submit]"));
        page.WaitForAssertion(() => Assert.Contains("0.0125", page.Find("[data-testid=rates]").TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain(page.FindComponents<InputFile>(), file => $"{file.Instance.AdditionalAttributes?["id"]}" == "rates-file");
        Assert.Contains("Your provider sets them", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rate_table_is_replaced_by_a_file_once_that_is_confirmed()
    {
        await using PortalContext context = Context("operator", new CallLimits(), "prefix,perMinute\n");
        var page = Render(context);
        page.WaitForAssertion(() => Assert.Contains("No rates yet", page.Markup, StringComparison.Ordinal));
        context.Api.OnRaw("PUT /v1/tenants/acme/rates", () => Csv("prefix,perMinute\n+49,1\n"));
        var upload = Task.Run(() => Rates(page).UploadFiles(InputFileContent.CreateFromText("+49,1\n", "rates.csv")), Xunit.TestContext.Current.CancellationToken);      // it waits for the answer to the question
        context.Dialogs.WaitForElement(".mud-dialog-actions");
        Assert.Equal(0, context.Api.Asked.Count(asked => asked.Request.StartsWith("PUT", StringComparison.Ordinal)));
        context.Api.OnRaw("GET /v1/tenants/acme/rates", () => Csv("prefix,perMinute\n+49,1\n"));
        context.Dialogs.FindAll(".mud-dialog-actions button")[^1].Click();
        await upload;
        page.WaitForAssertion(() => Assert.Equal("+49…", page.Find("[data-testid=rates] tbody td").TextContent));
        Assert.Equal("+49,1\n", context.Api.Asked.Single(asked => asked.Request.StartsWith("PUT", StringComparison.Ordinal)).Body);
        page.Find("[data-testid=rates-download]").Click();
        Assert.Contains(context.Bunit.JSInterop.Invocations, call => call.Identifier == "cloudpbx.download" && $"{call.Arguments[2]}" == "prefix,perMinute\n+49,1\n");
    }

    [Fact]
    public async Task A_rate_table_that_was_replaced_can_be_brought_back()
    {
        await using PortalContext context = Context("operator", new CallLimits(), "prefix,perMinute\n+44,0.5\n");
        var page = Render(context);
        page.WaitForElement("#rates-file");
        Assert.Empty(page.FindAll("[data-testid=rates-undo]"));
        context.Api.OnRaw("PUT /v1/tenants/acme/rates", () => Csv("prefix,perMinute\n+49,1\n"));
        var upload = Task.Run(() => Rates(page).UploadFiles(InputFileContent.CreateFromText("+49,1\n", "rates.csv")), Xunit.TestContext.Current.CancellationToken);
        context.Dialogs.WaitForElement(".mud-dialog-actions");
        context.Dialogs.FindAll(".mud-dialog-actions button")[^1].Click();
        await upload;
        page.WaitForElement("[data-testid=rates-undo]").Click();
        page.WaitForAssertion(() => Assert.Equal(
            ["+49,1\n", "prefix,perMinute\n+44,0.5\n"], context.Api.Asked.Where(asked => asked.Request.StartsWith("PUT", StringComparison.Ordinal)).Select(asked => asked.Body)));
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-testid=rates-undo]")));
    }

    [Theory]
    [InlineData("en", "Line 2: the prefix must be a plus")]
    [InlineData("zh-CN", "第 2 行：前缀须为加号")]
    public async Task A_wrong_line_of_the_file_is_named_and_nothing_is_sent(string language, string words)
    {
        await using PortalContext context = Context("operator", new CallLimits(), "prefix,perMinute\n", language);
        var page = Render(context);
        page.WaitForElement("#rates-file");
        Rates(page).UploadFiles(InputFileContent.CreateFromText("+49,1\n0049,2\n", "rates.csv"));
        page.WaitForAssertion(() => Assert.Contains(words, page.Find("section[aria-labelledby=rates] [role=alert]").TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain(context.Api.Asked, asked => asked.Request.StartsWith("PUT", StringComparison.Ordinal));
    }

    private static IRenderedComponent<InputFile> Rates(IRenderedComponent<SettingsPage> page) =>
        page.FindComponents<InputFile>().Single(file => $"{file.Instance.AdditionalAttributes?["id"]}" == "rates-file");

    private static IRenderedComponent<SettingsPage> Render(PortalContext context) => context.Bunit.Render<SettingsPage>(parameters => parameters.Add(p => p.Tenant, "acme"));

    private static HttpResponseMessage Csv(string text) => new(HttpStatusCode.OK) { Content = new StringContent(text, Encoding.UTF8, "text/csv") };

    private static PortalContext Context(string role, CallLimits limits, string rates = "prefix,perMinute\n", string language = "en")
    {
        PortalContext context = new(language, new Claim("name", "x"), new Claim("role", role));
        context.Api.On("GET /v1/tenants/acme", new TenantDto
        {
            Id = TenantId.New(), Name = "acme", Language = "en", RingSeconds = 30, HoldMusic = true, Announcements = true, RecordingNotice = default, IsDefault = false, ConfigVersion = 1, CreatedAt = DateTime.UnixEpoch,
        });
        context.Api.On("GET /v1/tenants/acme/prompts", new Page<PromptDto>([], null));
        context.Api.On("GET /v1/tenants/acme/limits", limits);
        context.Api.On("GET /v1/tenants/acme/outside", new OutsideDocument { OutsidePrefix = "9" });
        context.Api.OnRaw("GET /v1/tenants/acme/rates", () => Csv(rates));
        return context;
    }
}
