using System.Globalization;
using System.Security.Claims;
using Bunit;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Brands;
using CloudPbx.Portal.Components;
using CloudPbx.Portal.Languages;
using CloudPbx.Portal.Live;
using CloudPbx.Portal.Phones;
using CloudPbx.Portal.SignIn;
using CloudPbx.Portal.SignUp;
using CloudPbx.Portal.Tests.Hosting;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.JSInterop;
using MudBlazor;
using MudBlazor.Services;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>A circuit of somebody who is signed in, with an API that answers what the test says.</summary>
internal sealed class PortalContext : IAsyncDisposable
{
    public PortalContext(string language = "en", params Claim[] claims)
        : this(language, null, claims)
    {
    }

    /// <summary>With another browser than bUnit's, which keeps all that it was ever told.</summary>
    public PortalContext(IJSRuntime browser)
        : this("en", browser, [])
    {
    }

    private PortalContext(string language, IJSRuntime? browser, Claim[] claims)
    {
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = new CultureInfo(language);
        Bunit = new BunitContext();
        Bunit.JSInterop.Mode = JSRuntimeMode.Loose;
        IServiceCollection services = Bunit.Services;
        services.AddMudServices();
        if (browser is not null) services.AddSingleton(browser);
        services.AddTransient<Texts>();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new PortalBrands(_ => Api.Client(), new PublicUrl(new Uri("https://localhost:8443")), TimeProvider.System));
        services.AddSingleton(Api.Client());
        services.AddSingleton(new LiveTenant(Api.Client(), TimeProvider.System, NullLogger<LiveTenant>.Instance));
        services.AddSingleton(new PhoneAccess(Options.Create(new PortalOptions { PhoneServer = "192.0.2.1" })));
        services.AddSingleton<AuthenticationStateProvider>(new Signed(claims.Length > 0 ? claims : [new Claim("name", "operator"), new Claim("role", "operator")]));
        services.AddSingleton<AntiforgeryStateProvider>(new NoAntiforgery());
        services.AddSingleton<CurrentUser>();
        services.AddSingleton<IPhoneMemory>(Memory);
        services.AddSingleton<BrowserPhone>();
        Script = Bunit.JSInterop.SetupModule("/portal/phone/host.js");
        Script.Mode = JSRuntimeMode.Loose;
        services.AddSingleton<IFirstPhone>(FirstPhone);
        Bunit.RenderTree.Add<Microsoft.AspNetCore.Components.CascadingValue<Clock>>(value => value.Add(v => v.Value, new Clock(TimeProvider.System, TimeZoneInfo.Utc, new Texts())));
        Popovers = Bunit.Render<MudPopoverProvider>();
        Dialogs = Bunit.Render<MudDialogProvider>();
    }

    public BunitContext Bunit { get; }

    public FakeApi Api { get; } = new();

    /// <summary>What the browser's phone is asked.</summary>
    public BunitJSModuleInterop Script { get; }

    /// <summary>The phone that the session remembers.</summary>
    public FakePhoneMemory Memory { get; } = new();

    public KeptPhone FirstPhone { get; } = new();

    public IRenderedComponent<MudDialogProvider> Dialogs { get; }

    /// <summary>Where menus open.</summary>
    public IRenderedComponent<MudPopoverProvider> Popovers { get; }

    public async ValueTask DisposeAsync()
    {
        await Bunit.DisposeAsync();                 // MudBlazor's popovers know only this way
        Api.Dispose();
    }

    internal sealed class KeptPhone : IFirstPhone
    {
        public string? Secret { get; set; }

        public ValueTask<string?> SecretOfAsync(string extension, CancellationToken cancel) => ValueTask.FromResult(Secret);
    }

    private sealed class NoAntiforgery : AntiforgeryStateProvider
    {
        public override AntiforgeryRequestToken? GetAntiforgeryToken() => null;
    }

    private sealed class Signed(Claim[] claims) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity(claims, "test", "name", "role"))));
    }
}
