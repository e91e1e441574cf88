using System.Security.Claims;
using System.Text.Json;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Layout;
using CloudPbx.Portal.Components.Pages.Phone;
using CloudPbx.Portal.Phones;
using CloudPbx.Portal.Tests.Components;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Portal.Tests.Phones;

/// <summary>The pages of the phone in the browser; the phone itself is tried in a real one.</summary>
public sealed class BrowserPhoneTests
{
    private static readonly BrowserPhoneState s_ready = BrowserPhoneState.Off with { Registration = "registered", Number = "100", Microphone = "granted" };

    private static readonly BrowserPhoneCall s_call = new("in", "101", "Bob", "talking", false, false, false, false, 1, "", null, null, null, null);

    private static readonly BrowserPhoneDto s_account = new()
    {
        Id = DeviceId.New(), Extension = "100", DisplayName = "Alice", AuthUser = "100.web-x", Secret = "a-secret", Domain = "acme.test", ExpiresAt = DateTime.UtcNow,
    };

    [Fact]
    public async Task An_administrator_switches_it_on_for_an_extension_and_the_password_goes_to_the_script_alone()
    {
        await using PortalContext context = new();
        context.Api.On("POST /v1/tenants/acme/browser-phones", s_account);
        IRenderedComponent<PhonePage> page = context.Bunit.Render<PhonePage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement("#own").Change("100");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains(context.Script.Invocations, call => call.Identifier == "start"));
        Assert.Equal(new RememberedPhone("acme", "100", s_account.Id.ToString()), context.Memory.Phone);
        Assert.DoesNotContain("a-secret", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_switches_it_on_while_the_page_looks_for_a_former_one_need_not_do_so_twice()
    {
        await using PortalContext context = new();
        context.Api.On("POST /v1/tenants/acme/browser-phones", s_account);
        JSRuntimeInvocationHandler<string?> attach = context.Script.Setup<string?>("attach", _ => true);
        IRenderedComponent<PhonePage> page = context.Bunit.Render<PhonePage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement("#own").Change("100");
        Assert.False(page.Find("button[type=submit]").HasAttribute("disabled"));          // Enter in the field does nothing where it is
        page.Find("form").Submit();
        Assert.DoesNotContain(context.Script.Invocations, call => call.Identifier == "start");
        attach.SetResult(null);
        page.WaitForAssertion(() => Assert.Contains(context.Script.Invocations, call => call.Identifier == "start"));
    }

    [Fact]
    public async Task A_user_is_not_asked_whose_phone_it_is()
    {
        await using PortalContext context = new("en", new("name", "alice"), new("role", "user"), new("tenant", "acme"), new("extension", "100"));
        IRenderedComponent<PhonePage> page = context.Bunit.Render<PhonePage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        Assert.Empty(page.FindAll("#own"));
    }

    [Fact]
    public async Task An_extension_that_is_none_is_told_beside_the_field()
    {
        await using PortalContext context = new("zh-CN");
        context.Api.OnProblem("POST /v1/tenants/acme/browser-phones", 400, "validation", new Dictionary<string, string[]> { ["$.extension"] = ["The tenant has no extension of this number: create it first."] });
        IRenderedComponent<PhonePage> page = context.Bunit.Render<PhonePage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement("#own").Change("777");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("分机", page.Find(".mud-input-helper-text.mud-input-error, .mud-input-error").TextContent, StringComparison.Ordinal));
        Assert.Equal("777", page.Find("#own").GetAttribute("value"));
    }

    [Fact]
    public async Task A_page_that_is_loaded_again_brings_its_phone_back_with_a_new_password()
    {
        await using PortalContext context = new();
        context.Memory.Phone = new RememberedPhone("acme", "100", s_account.Id.ToString());
        context.Api.On($"POST /v1/tenants/acme/browser-phones/{s_account.Id}/secret", s_account);
        context.Bunit.Render<PhoneBar>();
        BrowserPhone phone = context.Bunit.Services.GetRequiredService<BrowserPhone>();
        await phone.ReturnAsync(CancellationToken.None);
        Assert.Contains(context.Script.Invocations, call => call.Identifier == "start");
    }

    [Theory]
    [InlineData("refused", "en", "allow the microphone")]
    [InlineData("refused", "zh-CN", "允许使用麦克风")]
    [InlineData("missing", "en", "No microphone was found")]
    [InlineData("taken", "zh-CN", "另一个程序")]
    public async Task Why_there_is_no_microphone_is_said_with_what_to_do(string microphone, string language, string words)
    {
        await using PortalContext context = new(language);
        IRenderedComponent<PhonePage> page = await ShowAsync(context, s_ready with { Microphone = microphone });
        Assert.Contains(words, page.Find("[data-testid=phone-microphone]").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("registered", "Ready: calls to 100 ring here.")]
    [InlineData("away", "tried again by itself")]
    [InlineData("refused", "The server refused the phone")]
    public async Task How_it_is_registered_is_said_in_words(string registration, string words)
    {
        await using PortalContext context = new();
        IRenderedComponent<PhonePage> page = await ShowAsync(context, s_ready with { Registration = registration, Reason = "403 Forbidden" });
        Assert.Contains(words, page.Find("[data-testid=phone-state]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pad_and_the_field_make_a_number_and_it_is_called_without_its_ornaments()
    {
        await using PortalContext context = new();
        IRenderedComponent<PhonePage> page = await ShowAsync(context, s_ready);
        page.Find("#dial").Input("+49 (30) 123-");
        page.FindAll(".cp-pad button")[3].Click();
        page.Find(".cp-dial").Submit();
        JSRuntimeInvocation call = Assert.Single(context.Script.Invocations, invocation => invocation.Identifier == "act");
        Assert.Equal(["call", "+49301234"], call.Arguments.Select(argument => argument?.ToString()));
    }

    [Fact]
    public async Task A_call_is_shown_and_led_by_its_keys()
    {
        await using PortalContext context = new();
        IRenderedComponent<PhonePage> page = await ShowAsync(context, s_ready with { Call = s_call });
        Assert.Contains("Bob", page.Find("[data-testid=phone-call]").TextContent, StringComparison.Ordinal);
        Assert.Equal("1", page.Find("[role=timer]").GetAttribute("data-phone-since"));
        page.FindAll(".cp-keys button")[0].Click();
        page.FindAll(".cp-keys button")[1].Click();
        page.FindAll(".cp-keys button")[2].Click();
        page.FindAll(".cp-pad button")[11].Click();
        page.FindAll(".cp-keys button")[3].Click();
        page.Find("#transfer").Input("102");
        page.Find(".cp-send").Submit();
        page.Find(".cp-talk > .cp-call.end").Click();
        Assert.Equal(
            ["setMuted True", "setHeld True", "press #", "transfer 102", "hangUp"],
            context.Script.Invocations.Where(invocation => invocation.Identifier == "act").Select(invocation => string.Join(' ', invocation.Arguments)));
    }

    [Fact]
    public async Task Somebody_who_calls_during_a_call_waits_beside_it_and_is_answered_or_refused()
    {
        await using PortalContext context = new();
        IRenderedComponent<PhonePage> page = await ShowAsync(context, s_ready with { Call = s_call, Other = s_call with { Number = "102", Name = "Carol", Phase = "incoming", Since = null } });
        Assert.Contains("Carol", page.Find("[data-testid=phone-other]").TextContent, StringComparison.Ordinal);
        Assert.Equal("assertive", page.Find("[data-testid=phone-other] [role=status]").GetAttribute("aria-live"));
        page.FindAll("[data-testid=phone-other] button")[0].Click();
        page.FindAll("[data-testid=phone-other] button")[1].Click();
        Assert.Equal(["answer", "decline"], Acts(context));
        page.FindAll("[data-testid=phone-call] .cp-keys button")[3].Click();
        Assert.Single(page.FindAll(".cp-send button"));                        // two calls are there: nobody else can be asked
    }

    [Fact]
    public async Task Somebody_is_asked_first_and_both_are_connected()
    {
        await using PortalContext context = new();
        IRenderedComponent<PhonePage> page = await ShowAsync(context, s_ready with { Call = s_call });
        page.FindAll(".cp-keys button")[3].Click();
        page.Find("#transfer").Input("102");
        page.FindAll(".cp-send button")[1].Click();
        await page.InvokeAsync(() => context.Bunit.Services.GetRequiredService<BrowserPhone>().PhoneChanged(
            Told(s_ready with { Call = s_call with { Number = "102", Name = "", Phase = "ringing" }, Other = s_call with { Held = true } })));
        Assert.True(page.FindAll("[data-testid=phone-other] button")[1].HasAttribute("disabled"));          // nobody to connect with yet
        await page.InvokeAsync(() => context.Bunit.Services.GetRequiredService<BrowserPhone>().PhoneChanged(
            Told(s_ready with { Call = s_call with { Number = "102", Name = "" }, Other = s_call with { Held = true } })));
        page.FindAll("[data-testid=phone-other] button")[0].Click();
        page.FindAll("[data-testid=phone-other] button")[1].Click();
        page.FindAll("[data-testid=phone-other] button")[2].Click();
        Assert.Equal(["consult 102", "swap", "connect", "hangUpOther"], Acts(context));
    }

    [Theory]
    [InlineData("en", "Carol: Busy.")]
    [InlineData("zh-CN", "Carol：对方正忙。")]
    public async Task What_became_of_one_of_two_calls_is_said_beside_the_one_that_stays(string language, string words)
    {
        await using PortalContext context = new(language);
        IRenderedComponent<PhonePage> page = await ShowAsync(context, s_ready with { Call = s_call with { Held = true }, Last = s_call with { Name = "Carol", Phase = "ended", Reason = "busy" } });
        Assert.Equal(words, page.Find("[data-testid=phone-last]").TextContent);
    }

    [Fact]
    public async Task Somebody_who_calls_is_shown_on_every_page()
    {
        await using PortalContext context = new();
        context.Memory.Phone = new RememberedPhone("acme", "100", s_account.Id.ToString());
        context.Api.On($"POST /v1/tenants/acme/browser-phones/{s_account.Id}/secret", s_account);
        IRenderedComponent<PhoneBar> bar = context.Bunit.Render<PhoneBar>();
        BrowserPhone phone = context.Bunit.Services.GetRequiredService<BrowserPhone>();
        await bar.InvokeAsync(() => phone.PhoneChanged(Told(s_ready with { Call = s_call with { Phase = "incoming" } })));
        bar.WaitForAssertion(() => Assert.Contains("Incoming call", bar.Markup, StringComparison.Ordinal));
        bar.Find(".cp-call.go").Click();
        Assert.Contains(context.Script.Invocations, invocation => invocation.Identifier == "act" && Equals(invocation.Arguments[0], "answer"));
    }

    [Fact]
    public async Task Switching_it_off_ends_its_account()
    {
        await using PortalContext context = new();
        context.Memory.Phone = new RememberedPhone("acme", "100", s_account.Id.ToString());
        context.Api.On($"POST /v1/tenants/acme/browser-phones/{s_account.Id}/secret", s_account);
        context.Api.On($"DELETE /v1/tenants/acme/browser-phones/{s_account.Id}", new object());
        BrowserPhone phone = context.Bunit.Services.GetRequiredService<BrowserPhone>();
        await phone.ReturnAsync(CancellationToken.None);
        await phone.SwitchOffAsync(CancellationToken.None);
        Assert.Null(context.Memory.Phone);
        Assert.Contains(context.Script.Invocations, invocation => invocation.Identifier == "stop");
    }

    [Fact]
    public void The_kept_library_is_the_one_that_was_made()
    {
        string root = Repository.Folder;
        string made = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(root, "services/Portal/wwwroot/portal/phone/jssip.js"))));
        Assert.Equal(File.ReadAllText(Path.Combine(root, "infra/vendor/jssip/jssip.sha256")).Trim(), made);
        Assert.Contains("MIT", File.ReadAllText(Path.Combine(root, "services/Portal/wwwroot/portal/phone/LICENSES.txt")), StringComparison.Ordinal);
    }

    /// <summary>As the script tells it.</summary>
    private static string Told(BrowserPhoneState state) => JsonSerializer.Serialize(state, BrowserPhoneJson.Default.BrowserPhoneState);

    private static IEnumerable<string> Acts(PortalContext context) =>
        context.Script.Invocations.Where(invocation => invocation.Identifier == "act").Select(invocation => string.Join(' ', invocation.Arguments));

    private static async Task<IRenderedComponent<PhonePage>> ShowAsync(PortalContext context, BrowserPhoneState state)
    {
        IRenderedComponent<PhonePage> page = context.Bunit.Render<PhonePage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        BrowserPhone phone = context.Bunit.Services.GetRequiredService<BrowserPhone>();
        await page.InvokeAsync(() => phone.PhoneChanged(Told(state)));
        page.WaitForElement("[data-testid=phone-state]");
        return page;
    }
}
