namespace CloudPbx.Portal.Components.Shared;

/// <summary>What a browser is, from what it calls itself. Browsers name others, too, to be let in by old sites: the order of the questions decides.</summary>
public static class BrowserName
{
    private static readonly (string Sign, string Name)[] s_browsers =
    [
        ("Edg/", "Edge"), ("OPR/", "Opera"), ("Vivaldi/", "Vivaldi"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
        ("HeadlessChrome/", "Chromium"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ];

    private static readonly (string Sign, string Name)[] s_systems =
    [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    ];

    /// <summary>The browser, and the system it runs on, as far as they are known.</summary>
    /// <param name="userAgent">The <c>User-Agent</c> header.</param>
    /// <returns>Such as <c>Firefox · Linux</c>; what it calls itself where nothing of it is known; empty where it says nothing.</returns>
    public static string Of(string? userAgent)
    {
        if (string.IsNullOrWhiteSpace(userAgent))
            return "";
        string? browser = Find(s_browsers, userAgent), system = Find(s_systems, userAgent);
        return browser is null ? userAgent : system is null ? browser : $"{browser} · {system}";
    }

    private static string? Find((string Sign, string Name)[] known, string userAgent) => known.FirstOrDefault(one => userAgent.Contains(one.Sign, StringComparison.Ordinal)).Name;
}
