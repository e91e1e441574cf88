using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

/// <summary>One browser of one user.</summary>
public sealed class Visit : IAsyncDisposable
{
    /// <summary>A safety net for busy machines, not a measure.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IBrowserContext _context;
    /// <summary>What everybody chooses.</summary>
    public const string Password = "correct horse battery";

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
        await Page.FillAsync("#name", name);
        await Page.FillAsync("#password", password);
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
        await Page.FillAsync("#password", Password);
        await Page.FillAsync("#again", Password);
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
        await Page.WaitForURLAsync("**/account/signin**");
    }

    /// <summary>Waits until an element says something.</summary>
    public Task ExpectAsync(string selector, string text) =>
        Page.WaitForFunctionAsync("([selector, text]) => document.querySelector(selector)?.innerText.includes(text)", new[] { selector, text });

    public async Task GoAsync(string path)
    {
        await Page.GotoAsync($"{_address}/{path}");
        await ShownAsync();
    }

    /// <summary>Waits until the page shows what it has.</summary>
    public async Task ShownAsync()
    {
        await Page.WaitForSelectorAsync(".cp-shell h1");
        await Page.WaitForFunctionAsync("() => !document.querySelector('[aria-busy=true]')");
    }

    /// <summary>What axe finds against WCAG 2.2 AA.</summary>
    public async Task<IReadOnlyList<string>> AxeAsync()
    {
        AxeResult result = await Page.RunAxe(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] } });
        return [.. result.Violations.SelectMany(violation => violation.Nodes, (violation, node) => $"{violation.Id}: {node.Html} ({string.Join(" ", node.Any.Select(check => check.Message))})")];
    }

    /// <summary>Whether the page is wider than the window.</summary>
    public Task<bool> OverflowsAsync() => Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1");

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
