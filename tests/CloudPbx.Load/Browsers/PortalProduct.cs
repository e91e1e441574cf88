using System.Text.Json;
using CloudPbx.Load.Product;
using CloudPbx.TestKit;
using Microsoft.Playwright;
using Npgsql;

namespace CloudPbx.Load.Browsers;

/// <summary>The product as <c>./pbx cluster</c> starts it, where the portal is a process of its own, with a tenant that has much; and Debian's Chromium without a screen, in which the operator is signed in.</summary>
internal sealed class PortalProduct : IAsyncDisposable
{
    public const string Large = "bench";

    private const string Chromium = "/usr/bin/chromium", Password = "correct horse battery", Database = "cloudpbx";
    private const int MostExtensions = 10_000, MostRecords = 1_000_000;

    // Says, in the page's own time, when there is something to be used.
    private const string Watch = """
        (() => {
          const look = () => {
            if (document.querySelector('.cp-shell h1') && !document.querySelector('[aria-busy=true]')) window.usableAt ??= performance.now();
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
          window.longTasks = [];
          new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(task => task.duration))).observe({ type: 'longtask', buffered: true });
        })();
        """;

    private readonly IPlaywright _playwright;
    private readonly string _cookies;

    private PortalProduct(RunningCluster cluster, IPlaywright playwright, IBrowser browser, string cookies) => (Cluster, _playwright, Browser, _cookies) = (cluster, playwright, browser, cookies);

    public RunningCluster Cluster { get; }

    public IBrowser Browser { get; }

    public string Address { get; private init; } = "";

    /// <summary>How many the large tenant has.</summary>
    public int Extensions { get; private init; }

    /// <summary>How many calls it made.</summary>
    public int Records { get; private init; }

    public static async Task<PortalProduct> StartAsync(double scale, Action<string> progress, CancellationToken cancel)
    {
        if (!File.Exists(Chromium))
            throw new InvalidOperationException("chromium is not installed: ./pbx test installs it when it runs as root");
        (int extensions, int records) = ((int)(MostExtensions / scale), (int)(MostRecords / scale));
        progress("starting the product");
        RunningCluster cluster = await RunningCluster.StartAsync(["--workers", "1", "--set", "portal.Logging:LogLevel:Default=Warning", "--set", "api.Logging:LogLevel:Default=Warning", "--set", "api.Api:RequestsPerSecond=100000", "--set", "api.Api:RequestBurst=100000"], cancel);
        try
        {
            JsonElement tenant = await cluster.Api.PostAsync("tenants", $$"""{"name":"{{Large}}"}""", cancel);
            progress($"filling the database: {extensions} extensions, {records} call records");
            await LargeTenant.FillAsync(
                new NpgsqlConnectionStringBuilder(cluster.Stores["postgres"]) { Database = Database, CommandTimeout = 0 }.ToString(), Guid.Parse(tenant.GetProperty("id").GetString()!), extensions, records, cancel);
            IPlaywright playwright = await Playwright.CreateAsync();
            // Tabs of one site share processes: two hundred of them are no load for a machine with memory.
            IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--no-sandbox", "--renderer-process-limit=4", "--disable-background-timer-throttling"] });
            Uri link = cluster.FirstSignIn ?? throw new InvalidOperationException("The first start told no link.");
            IBrowserContext first = await browser.NewContextAsync(new BrowserNewContextOptions { IgnoreHTTPSErrors = true, Locale = "en-GB" });
            IPage page = await first.NewPageAsync();
            await page.GotoAsync(link.ToString());
            await page.FillAsync("#password", Password);
            await page.FillAsync("#again", Password);
            await page.ClickAsync("form button");
            await page.WaitForSelectorAsync(".cp-shell h1");
            string cookies = await first.StorageStateAsync();
            await first.CloseAsync();
            return new PortalProduct(cluster, playwright, browser, cookies) { Address = link.GetLeftPart(UriPartial.Authority), Extensions = extensions, Records = records };
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A browser that has nothing of the portal yet but its cookies: the operator is signed in.</summary>
    public async Task<IBrowserContext> VisitAsync()
    {
        IBrowserContext context = await Browser.NewContextAsync(new BrowserNewContextOptions
        {
            IgnoreHTTPSErrors = true, Locale = "en-GB", StorageState = _cookies, ViewportSize = new ViewportSize { Width = 1280, Height = 860 }, ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(60_000);
        await context.AddInitScriptAsync(Watch);
        return context;
    }

    /// <summary>Goes to a page.</summary>
    /// <returns>Milliseconds from the beginning of the way there until it could be used, by the browser's clock.</returns>
    public async Task<double> GoAsync(IPage page, string path)
    {
        await page.GotoAsync($"{Address}/{path}", new PageGotoOptions { WaitUntil = WaitUntilState.Commit });
        await page.WaitForFunctionAsync("() => window.usableAt");
        return await page.EvaluateAsync<double>("() => window.usableAt");
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
        await Cluster.DisposeAsync();
    }
}
