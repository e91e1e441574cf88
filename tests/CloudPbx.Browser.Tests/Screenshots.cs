using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

/// <summary>The pictures of the README: <c>./pbx screenshots</c> takes them anew, so that they stay true.</summary>
public sealed class Screenshots(PortalFixture portal)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_main_pages_have_their_picture_taken()
    {
        string? folder = Environment.GetEnvironmentVariable("PBX_SCREENSHOTS");
        if (string.IsNullOrEmpty(folder)) return;               // only when somebody asks for pictures
        Directory.CreateDirectory(folder);
        await using Baresip one = await Baresip.StartAsync(((TestKit.IPbxUnderTest)portal.Product).Account("100", SipTransport.Tls), cancel: Cancel);
        await using Baresip other = await Baresip.StartAsync(((TestKit.IPbxUnderTest)portal.Product).Account("101", SipTransport.Udp), cancel: Cancel);
        await one.RegisteredAsync(Cancel);
        await other.RegisteredAsync(Cancel);
        IRealCall call = await ((IRealPhone)one).DialAsync("*43", Cancel);
        await call.AnsweredAsync(Cancel);
        (string Name, string Path, string Locale, ColorScheme Scheme, int Width)[] pictures =
        [
            ("dashboard", "t/acme", "en-GB", ColorScheme.Light, 1280), ("connect", "t/acme/extensions/102?connect=1", "en-GB", ColorScheme.Light, 1280),
            ("extensions", "t/acme/extensions", "zh-CN", ColorScheme.Dark, 1280), ("phone", "t/acme", "zh-CN", ColorScheme.Light, 390), ("trunk", "t/acme/trunks/new", "en-GB", ColorScheme.Dark, 1280),
        ];
        foreach ((string name, string path, string locale, ColorScheme scheme, int width) in pictures)
        {
            await using Visit visit = await portal.VisitAsync(locale, scheme, width, width == 390 ? 844 : 860);
            await visit.SignInAsync();
            await visit.GoAsync(path);
            await visit.Page.WaitForFunctionAsync("() => document.fonts.status === 'loaded'");
            await visit.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") });
        }
    }
}
