using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

/// <summary>One browser of one user.</summary>
public sealed class Visit : IAsyncDisposable
{
    /// <summary>A safety net for busy machines, not a measure.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What everybody chooses.</summary>
    public const string Password = "correct horse battery";

    // Only what is wrong comes back, as text: the full report of a page is megabytes. Colours that are on their way, level by level of the page, are no colours yet.
    private const string Look = """
        async rules => {
          for (let calm = 0, begin = performance.now(); calm < 3 && performance.now() - begin < 5000;) {
            await new Promise(requestAnimationFrame);
            calm = document.getAnimations().some(animation => animation instanceof CSSTransition) ? 0 : calm + 1;
          }
          const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
          const result = await axe.run(document, { runOnly: rules.length ? { type: 'rule', values: rules } : { type: 'tag', values: tags }, resultTypes: ['violations'] });
          return result.violations.flatMap(violation => violation.nodes.map(node => `${violation.id}: ${node.html} (${node.any.map(check => check.message).join(' ')})`));
        }
        """;

    // Goes to a page as a click on a link does. The page between them makes every page a new one: two in a row may be the same component with other values.
    private const string Turn = """
        async ([path, patience]) => {
          for (const to of ['/not-found', path]) {
            const before = document.querySelector('.cp-shell h1'), begin = performance.now();
            Blazor.navigateTo(to);
            for (;;) {
              await new Promise(requestAnimationFrame);
              const head = document.querySelector('.cp-shell h1');
              if (head && head !== before && !document.querySelector('[aria-busy=true]')) break;
              if (performance.now() - begin > patience) throw new Error(`${to} was not shown`);
            }
          }
        }
        """;

    // Every picture has at least as many dots as the screen shows of it.
    private const string Blurred = """
        () => [...document.querySelectorAll('img, canvas')].filter(picture => picture.clientWidth > 0 && !/\.svg(\?|$)/.test(picture.currentSrc ?? '')
            && (picture.naturalWidth ?? picture.width) < Math.floor(picture.clientWidth * devicePixelRatio)).map(picture => picture.outerHTML)
        """;

    // With what is in its fields, which is no text of a page.
    private const string Shown = "() => [document.body.innerText, ...[...document.querySelectorAll('input[id]:not([type=password]), textarea[id]')].map(field => `#${field.id}: ${field.value}`)].join('\\n').slice(0, 4000)";

    // Once is enough: a button that is disabled while it works loses the focus again.
    private const string Focused = """
        selector => {
          const dialog = document.querySelector(selector)?.closest('.mud-dialog');
          return !dialog || (dialog.wasFocused ||= dialog.contains(document.activeElement));
        }
        """;

    private static readonly TimeSpan s_glance = TimeSpan.FromSeconds(5);
    private static readonly Lazy<string> s_axe = new(() => new BundledAxeScriptProvider().GetScript());

    private readonly IBrowserContext _context;
    private readonly string _address;

    public Visit(IBrowserContext context, IPage page, string address)
    {
        (_context, Page, _address) = (context, page, address);
        page.Console += (_, message) =>
        {
            if (message.Type == "error") Faults.Add(message.Text);
        };
        page.PageError += (_, fault) => Faults.Add(fault);
    }

    public IPage Page { get; }

    /// <summary>What the browser complained about.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Signs in by the sign-in's own page, to which the portal leads.</summary>
    public async Task SignInAsync(string name = "operator", string password = Password)
    {
        await Page.GotoAsync(_address + "/");
        await FillAsync("#name", name);
        await FillAsync("#password", password);
        await Page.ClickAsync("form button");
        await ShownAsync();
    }

    /// <summary>Chooses a password by a link that works once, which signs in as well.</summary>
    public async Task ChoosePasswordAsync(Uri link)
    {
        await Page.GotoAsync(link.ToString());
        await ChoosePasswordAsync();
    }

    /// <summary>Chooses a password on the page that is shown.</summary>
    public async Task ChoosePasswordAsync()
    {
        await FillAsync("#password", Password);
        await FillAsync("#again", Password);
        await Page.ClickAsync("form button");
        await ShownAsync();
    }

    public async Task SignOutAsync()
    {
        if (await Page.IsVisibleAsync(".cp-top"))
        {
            await Page.ClickAsync(".cp-top button");
            await Page.WaitForSelectorAsync(".cp-shell.open");
        }
        await Page.ClickAsync("form[action='/signout'] button");
        await ArrivedAsync("/account/signin");
    }

    /// <summary>Types into a field in place of what it has.</summary>
    /// <remarks>A dialog takes the focus to its first field when it is there: what is typed while that is on its way goes where nobody meant it.</remarks>
    public async Task FillAsync(string selector, string text)
    {
        await Page.WaitForSelectorAsync(selector);
        await Page.WaitForFunctionAsync(Focused, selector);
        await Page.FillAsync(selector, text);
    }

    /// <summary>Waits until an element says something.</summary>
    public Task ExpectAsync(string selector, string text) =>
        Page.WaitForFunctionAsync("([selector, text]) => document.querySelector(selector)?.innerText.includes(text)", new[] { selector, text });

    /// <summary>Has the hidden password of a phone shown, and waits until it is.</summary>
    public async Task ShowPasswordAsync()
    {
        await Page.ClickAsync("[data-field=password] + button");
        await Page.WaitForFunctionAsync("() => !document.querySelector('[data-field=password]').innerText.includes('•')");
    }

    public async Task GoAsync(string path)
    {
        await Page.GotoAsync($"{_address}/{path}");
        await ShownAsync();
    }

    /// <summary>Waits until the browser is at a path and has loaded what is there.</summary>
    /// <param name="path">With its query, or without: then any.</param>
    /// <remarks>Playwright's own wait for an address may miss that the page was loaded where that happens while it begins to listen, and then waits in vain.</remarks>
    public Task ArrivedAsync(string path) => Page.WaitForFunctionAsync(
        "path => document.readyState === 'complete' && [location.pathname, location.pathname + location.search].includes(path)", path);

    /// <summary>Waits until the page shows what it has.</summary>
    public async Task ShownAsync()
    {
        await Page.WaitForSelectorAsync(".cp-shell h1");
        await Page.WaitForFunctionAsync("() => !document.querySelector('[aria-busy=true]')");
    }

    /// <summary>Goes to another page in the circuit that is open, as a click on a link does: nothing is loaded anew.</summary>
    public Task TurnToAsync(string path) => Page.EvaluateAsync(Turn, new object[] { "/" + path, Patience.TotalMilliseconds });

    /// <summary>What the system does when it gets dark or light outside: the page follows where it is.</summary>
    public async Task RecolourAsync(ColorScheme scheme)
    {
        string before = await Page.EvaluateAsync<string>("() => getComputedStyle(document.documentElement).getPropertyValue('--mud-palette-surface')");
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
        await Page.WaitForFunctionAsync("before => getComputedStyle(document.documentElement).getPropertyValue('--mud-palette-surface') !== before", before);
    }

    /// <summary>What axe finds against WCAG 2.2 AA.</summary>
    /// <param name="rules">Only these; none are all of WCAG 2.2 AA.</param>
    public async Task<IReadOnlyList<string>> AxeAsync(params string[] rules)
    {
        if (!await Page.EvaluateAsync<bool>("() => typeof axe === 'object'"))
            await Page.EvaluateAsync(s_axe.Value);                      // half a megabyte: once for each document
        return await Page.EvaluateAsync<string[]>(Look, rules);
    }

    /// <summary>The pictures that this screen shows larger than they are.</summary>
    public Task<string[]> BlurredAsync() => Page.EvaluateAsync<string[]>(Blurred);

    /// <summary>Whether the page is wider than the window.</summary>
    public Task<bool> OverflowsAsync() => Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1");

    /// <summary>Closes the browser; the test's output gets what it showed last, which is printed where the test fails.</summary>
    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestOutputHelper is { } output && !Page.IsClosed)
        {
            try
            {
                output.WriteLine($"{Page.Url} showed:\n{await Page.EvaluateAsync<string>(Shown).WaitAsync(s_glance)}\n{string.Join('\n', Faults)}");
            }
            catch (Exception fault) when (fault is PlaywrightException or TimeoutException)
            {
                output.WriteLine($"{Page.Url} cannot be looked at: {fault.Message}");       // on its way to another page, or hanging: what the test found is what counts
            }
        }
        await _context.DisposeAsync();
    }
}
