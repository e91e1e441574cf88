using System.Globalization;
using CloudPbx.Load.Browsers;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Report;
using Microsoft.Playwright;

namespace CloudPbx.Load.Benches;

/// <summary>How quick the portal is to whoever looks at it, and what its open pages cost.</summary>
internal sealed class PortalBench : IBench
{
    private const int Visits = 12, Rounds = 3, LiveRounds = 6, Windows = 60, Sessions = 200, AtOnce = 8, WarmUps = 3;
    // A browser has one HTTP/2 connection to a site, WebSockets included, and the server takes a hundred streams of it (RFC 9113 §5.1.2): nobody has so many tabs.
    private const int TabsOfOne = 40;
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(15);         // what is measured is how much memory stays: nothing tells when the rest is given back

    private static readonly string[] s_pages =
    [
        "", "/extensions", "/phones", "/calls", "/recordings", "/trunks", "/numbers", "/routes", "/conferences", "/domains", "/webhooks", "/users", "/keys", "/plan", "/audit", "/settings",
    ];

    // Clicks a link of the navigation and waits, frame by frame, until another page is there with all that it has.
    private const string Navigate = """
        async href => {
          const link = [...document.querySelectorAll('.cp-side a')].find(a => a.getAttribute('href') === href), before = document.querySelector('.cp-shell h1'), begin = performance.now();
          link.click();
          for (;;) {
            await new Promise(requestAnimationFrame);
            const head = document.querySelector('.cp-shell h1'), took = performance.now() - begin;
            if (head && head !== before && !document.querySelector('[aria-busy=true]')) return took;
            if (took > 15000) throw new Error(`${href} was not shown`);
          }
        }
        """;

    public string Name => "portal";

    public string Description => "the portal in Chromium, product and browser on all cores: first page, navigation, live changes, scrolling 10,000 extensions and 1,000,000 calls, memory with 200 open sessions (--scale)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        Cores.Release();
        try
        {
            await using PortalProduct product = await PortalProduct.StartAsync(options.Scale, progress, cancel);
            List<BenchResult> results = [];
            if (!options.MemoryOnly)
            {
                Tell(await FirstPageAsync(product, progress));
                Tell(await NavigationAsync(product, progress));
                Tell(await LiveAsync(product, progress, cancel));
                Tell(await ScrollAsync(product, "extensions", product.Extensions, progress));
                Tell(await ScrollAsync(product, "calls", product.Records, progress));
            }
            Tell(await MemoryAsync(product, (int)Math.Ceiling(Sessions / options.Scale), progress, cancel));
            return results;

            // At once: minutes of work are not lost with a later part that a slow machine does not finish.
            void Tell(IEnumerable<BenchResult> part)
            {
                foreach (BenchResult result in part)
                {
                    results.Add(result);
                    progress(string.Create(CultureInfo.InvariantCulture, $"{result.Name}: {result.Ours:0.#} {result.Unit}"));
                }
            }
        }
        catch (PlaywrightException fault)
        {
            throw new InvalidOperationException($"Chromium: {fault.Message}", fault);
        }
        finally
        {
            Cores.Arrange();
        }
    }

    private static async Task<IEnumerable<BenchResult>> FirstPageAsync(PortalProduct product, Action<string> progress)
    {
        progress("first page");
        List<double> took = [];
        for (int visit = 0; visit < WarmUps + Visits; visit++)
        {
            await using IBrowserContext context = await product.VisitAsync();
            double milliseconds = await product.GoAsync(await context.NewPageAsync(), $"t/{PortalProduct.Large}");
            if (visit >= WarmUps)
                took.Add(milliseconds);
        }
        return Both("portal-first-page", "ms until usable, nothing cached, signed in", took, 1500, $"the dashboard of a tenant with {product.Extensions} extensions; {Visits} visits");
    }

    private static async Task<IEnumerable<BenchResult>> NavigationAsync(PortalProduct product, Action<string> progress)
    {
        progress("navigation");
        await using IBrowserContext context = await product.VisitAsync();
        IPage page = await context.NewPageAsync();
        await product.GoAsync(page, $"t/{PortalProduct.Large}/settings");
        List<(string Page, double Took)> all = [];
        for (int round = 0; round < 1 + Rounds; round++)
        {
            foreach (string to in s_pages)
            {
                double milliseconds = await page.EvaluateAsync<double>(Navigate, $"t/{PortalProduct.Large}{to}");
                if (round > 0)
                    all.Add((to.Length == 0 ? "dashboard" : to[1..], milliseconds));
            }
        }
        (string slowest, double most) = all.MaxBy(one => one.Took);
        return Both("portal-navigation", "ms from a click until the page is complete", [.. all.Select(one => one.Took)], 200, string.Create(CultureInfo.InvariantCulture, $"{s_pages.Length} pages, {Rounds} rounds; slowest {slowest}, {most:0} ms"));
    }

    private static async Task<IEnumerable<BenchResult>> LiveAsync(PortalProduct product, Action<string> progress, CancellationToken cancel)
    {
        progress("live changes");
        await using IBrowserContext context = await product.VisitAsync();
        IPage page = await context.NewPageAsync();
        await product.GoAsync(page, "t/acme/extensions");
        IReadOnlyList<double> took = await new LiveChanges(product.Cluster, page).MeasureAsync(LiveRounds, cancel);
        return Both("portal-live", "ms from the SIP message until the screen shows it", took, 500, $"registering (with its challenge), ringing, answering, hanging up, going; {took.Count} changes");
    }

    private static async Task<IEnumerable<BenchResult>> ScrollAsync(PortalProduct product, string list, int length, Action<string> progress)
    {
        progress($"scrolling {list}");
        await using IBrowserContext context = await product.VisitAsync();
        IPage page = await context.NewPageAsync();
        await product.GoAsync(page, $"t/{PortalProduct.Large}/{list}");
        Scrolling scrolling = await Scrolling.OfAsync(page, Windows);
        if (scrolling.Milliseconds.Count == 0)
            throw new InvalidOperationException($"The list of {list} cannot be scrolled.");
        return
        [
            .. Both($"portal-scroll-{list}", "ms from a scroll by a window until it is filled", scrolling.Milliseconds, 200, $"{scrolling.Milliseconds.Count} windows of a list of {length}; {scrolling.Rows} rows in the page at most"),
            new BenchResult($"portal-scroll-{list}-long", "tasks of the page of more than 50 ms", scrolling.LongTasks.Count)
            {
                Goal = new Goal(0, GoalKind.AtMost), Note = scrolling.LongTasks.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"the longest {scrolling.LongTasks.Max():0} ms"),
            },
        ];
    }

    /// <summary>Each session is a tab of Chromium with a circuit of its own, on one of three pages.</summary>
    private static async Task<IEnumerable<BenchResult>> MemoryAsync(PortalProduct product, int sessions, Action<string> progress, CancellationToken cancel)
    {
        progress($"opening {sessions} sessions");
        string[] pages = [$"t/{PortalProduct.Large}", $"t/{PortalProduct.Large}/extensions", $"t/{PortalProduct.Large}/calls"];
        int portal = product.Cluster.ProcessIdOf("portal");
        long before = ProcessTree.ResidentKibibytes([portal]);
        List<IBrowserContext> browsers = [];
        for (int open = 0; open < sessions; open += AtOnce)
        {
            cancel.ThrowIfCancellationRequested();
            if (open % TabsOfOne == 0)
                browsers.Add(await product.VisitAsync());
            await Task.WhenAll(Enumerable.Range(open, Math.Min(AtOnce, sessions - open)).Select(async session => await product.GoAsync(await browsers[^1].NewPageAsync(), pages[session % pages.Length])));
        }
        progress("all are open");
        await Task.Delay(s_settling, cancel);
        double after = ProcessTree.ResidentKibibytes([portal]) / 1024.0;
        progress("closing them");
        foreach (IPage page in browsers.SelectMany(browser => browser.Pages.ToArray()))
            await page.CloseAsync();                    // as a person closes a tab: the page takes leave, and its circuit ends
        await Task.Delay(s_settling, cancel);
        double closed = ProcessTree.ResidentKibibytes([portal]) / 1024.0;
        foreach (IBrowserContext browser in browsers)
            await browser.DisposeAsync();
        return
        [
            new BenchResult("portal-memory", $"MiB of the portal with {sessions} open sessions", after)
            {
                Goal = new Goal(300, GoalKind.AtMost), Note = string.Create(CultureInfo.InvariantCulture, $"each a Chromium tab with a circuit of its own (dashboard, extensions, calls); {before / 1024} MiB before them"),
            },
            new BenchResult("portal-memory-closed", "MiB of the portal when they were closed", closed),
        ];
    }

    private static IEnumerable<BenchResult> Both(string name, string unit, IReadOnlyList<double> milliseconds, double goal, string note)
    {
        double[] sorted = [.. milliseconds.Order()];
        yield return new BenchResult(name, unit + ", median", Median.Of(sorted)) { Goal = new Goal(goal, GoalKind.AtMost), Note = note };
        yield return new BenchResult(name + "-p95", unit + ", p95", sorted[(int)Math.Ceiling(sorted.Length * 0.95) - 1]) { Goal = new Goal(goal, GoalKind.AtMost) };
    }
}
