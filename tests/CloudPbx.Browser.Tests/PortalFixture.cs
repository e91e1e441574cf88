using CloudPbx.Browser.Tests;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Phones;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(PortalFixture))]

namespace CloudPbx.Browser.Tests;

/// <summary>The product as its user starts it, and Debian's Chromium without a screen.</summary>
public sealed class PortalFixture : IAsyncLifetime
{
    /// <summary>The collection of all tests: with one product for all, what one class does with its extensions and trunks would meet another one.</summary>
    public const string OneAfterTheOther = "one portal";

    private const string Chromium = "/usr/bin/chromium";

    private static readonly Dictionary<string, string?> s_settings = new()
    {
        ["Identity__AttemptsPerMinute"] = "10000", ["SignUp__PerAddressAndHour"] = "10000",             // all tests are one address
    };

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private RunningProduct? _product;

    public RunningProduct Product => _product ?? throw new InvalidOperationException("The product is not started.");

    public string Address => $"https://localhost:{Product.HttpsPort}";

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium))
            return;
        _product = await RunningProduct.StartAsync(["--log-level", "Warning"], CancellationToken.None, s_settings);
        await _product.Api.PutAsync("plans/trial", """{"displayName":"Trial","maxExtensions":20,"maxTrunks":2,"maxChannels":10,"trialDays":30,"forSignUp":true}""", CancellationToken.None);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
        await using Visit visit = await VisitAsync();
        await visit.ChoosePasswordAsync(_product.FirstSignIn ?? throw new InvalidOperationException("The first start told no link."));
    }

    /// <summary>What the user of an extension types into a phone.</summary>
    public PhoneAccount Account(string extension, SipTransport transport = SipTransport.Tls, PhoneEncryption encryption = PhoneEncryption.Never) =>
        ((IPbxUnderTest)Product).Account(extension, transport, encryption);

    /// <summary>A browser process of its own, with other arguments.</summary>
    public async Task<IBrowser> LaunchAsync(string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Chromium), "chromium is not installed: ./pbx test installs it when it runs as root");
        return await _playwright!.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = arguments });
    }

    /// <summary>A browser of somebody else: no cookie of another test.</summary>
    public async Task<Visit> VisitAsync(string locale = "en-GB", ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 860, IBrowser? browser = null, string? address = null, float scale = 1)
    {
        Assert.SkipUnless(File.Exists(Chromium), "chromium is not installed: ./pbx test installs it when it runs as root");
        IBrowserContext context = await (browser ?? _browser!).NewContextAsync(new BrowserNewContextOptions
        {
            IgnoreHTTPSErrors = true,                                   // the certificate is the installation's own
            Locale = locale,
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            DeviceScaleFactor = scale,
            TimezoneId = "Europe/Berlin",
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout((float)Visit.Patience.TotalMilliseconds);
        return new Visit(context, await context.NewPageAsync(), address ?? Address);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_product is not null) await _product.DisposeAsync();
    }
}
