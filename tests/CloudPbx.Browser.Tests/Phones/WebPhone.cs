using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CloudPbx.TestKit.Phones;
using CloudPbx.TestKit.Recordings;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests.Phones;

/// <summary>
/// The product's own phone in Debian's Chromium, on a bare page of the product's origin: a microphone that plays a tone, an analyser on what is heard. The page is
/// ours, the phone and the server's ways are the product's.
/// </summary>
public sealed class WebPhone : IAsyncDisposable
{
    private const string Path = "/phone-of-a-test";

    private const string Page = """
        <!doctype html><title>phone</title><script type="module">
        import { Phone } from '/portal/phone/phone.js';
        window.states = [];
        window.phone = new Phone(state => { window.state = state; window.states.push(JSON.stringify(state)); });
        await window.phone.setClearVoice(false);
        window.state = window.phone.state;
        </script>
        """;

    /// <summary>Keeps what the browser's calls receive, and measures it.</summary>
    public const string Ears = """
        (() => {
          const Real = window.RTCPeerConnection;
          window.ears = { streams: [], connections: [] };
          window.RTCPeerConnection = class extends Real {
            constructor(...all) {
              super(...all);
              ears.connections.push(this);
              this.addEventListener('track', e => ears.streams.push(e.streams[0] ?? new MediaStream([e.track])));
            }
          };
          let context = null;
          const analysers = new Map();
          // The loudest tone of all calls: of two, one is held and silent.
          ears.look = () => {
            let loudest = { hertz: 0, level: -200 };
            for (const stream of ears.streams) {
              context ??= new AudioContext({ sampleRate: 48000 });
              if (!analysers.has(stream)) {
                analysers.set(stream, new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 }));
                context.createMediaStreamSource(stream).connect(analysers.get(stream));
              }
              const analyser = analysers.get(stream), bins = new Float32Array(analyser.frequencyBinCount);
              analyser.getFloatFrequencyData(bins);
              let best = 1;
              for (let k = 2; k < bins.length; k++) if (bins[k] > bins[best]) best = k;
              if (bins[best] > loudest.level) loudest = { hertz: best * 48000 / 8192, level: bins[best] };
            }
            return loudest;
          };
          // Waits until a tone was heard ten times in a row, or nothing was.
          ears.wait = async (hertz, milliseconds) => {
            const end = Date.now() + milliseconds;
            let row = 0, last = null;
            while (Date.now() < end) {
              last = ears.look();
              const right = hertz > 0 ? last.level > -50 && Math.abs(last.hertz - hertz) < 12 : last.level < -75;
              row = right ? row + 1 : 0;
              if (row === 10) return '';
              await new Promise(done => setTimeout(done, 100));
            }
            return `${last?.hertz} Hz at ${last?.level} dB, ${ears.connections.map(c => c.connectionState)}, ${context?.state}`;
          };
        })();
        """;

    private readonly IBrowser _browser;
    private readonly string _sound;

    private WebPhone(IBrowser browser, IPage page, string sound)
    {
        (_browser, Tab, _sound) = (browser, page, sound);
        page.Console += (_, message) => Log.Enqueue(message.Text);
        page.PageError += (_, fault) => Log.Enqueue(fault);
    }

    /// <summary>What the browser said.</summary>
    public ConcurrentQueue<string> Log { get; } = [];

    /// <summary>The page it lives in.</summary>
    public IPage Tab { get; }

    /// <summary>Arguments of a Chromium whose microphone plays a tone.</summary>
    /// <param name="folder">Where the sound may lie.</param>
    /// <param name="hertz">The tone.</param>
    public static string[] Microphone(string folder, int hertz)
    {
        string sound = System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"microphone-{hertz}-{Guid.NewGuid():N}.wav"));
        ToneFile.WriteWave(sound, hertz, seconds: 20, rate: 48000, channels: 1);
        return
        [
            "--no-sandbox", "--use-fake-device-for-media-stream", $"--use-file-for-fake-audio-capture={sound}", "--use-fake-ui-for-media-stream",
            "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection",
            "--disable-features=LocalNetworkAccessChecks",       // the test's page comes from no address, so that our own would be a stranger's
        ];
    }

    /// <summary>Starts a browser of its own with the phone, and lets it register.</summary>
    public static async Task<WebPhone> StartAsync(PortalFixture portal, PhoneAccount account, int hertz)
    {
        string[] arguments = Microphone(portal.Product.DataFolder, hertz);
        IBrowser browser = await portal.LaunchAsync(arguments);
        IBrowserContext context = await browser.NewContextAsync(new BrowserNewContextOptions { IgnoreHTTPSErrors = true });
        context.SetDefaultTimeout((float)Visit.Patience.TotalMilliseconds);
        await context.AddInitScriptAsync(Ears);
        await context.RouteAsync(portal.Address + Path, route => route.FulfillAsync(new RouteFulfillOptions { Body = Page, ContentType = "text/html; charset=utf-8" }));
        var phone = new WebPhone(browser, await context.NewPageAsync(), arguments.First(argument => argument.EndsWith(".wav", StringComparison.Ordinal)));
        await phone.Tab.GotoAsync(portal.Address + Path);
        await phone.SwitchOnAsync(portal, account);
        return phone;
    }

    /// <summary>Registers.</summary>
    public async Task SwitchOnAsync(PortalFixture portal, PhoneAccount account)
    {
        await Tab.WaitForFunctionAsync("() => window.state");
        await Tab.EvaluateAsync("account => window.phone.start(account)", new
        {
            user = account.User,
            secret = account.Password,
            domain = account.Domain,
            number = account.User,
            name = "",
            instance = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
            address = $"wss://localhost:{portal.Product.HttpsPort}/sip",
        });
        await WaitAsync("s => s.registration === 'registered' || s.registration === 'refused'");
        Assert.Equal("registered", (await StateAsync()).GetProperty("registration").GetString());
    }

    public Task DialAsync(string number) => Tab.EvaluateAsync("number => { window.phone.call(number); }", number);

    /// <summary>Lets the phone do something.</summary>
    public Task DoAsync(string act) => Tab.EvaluateAsync($"() => {{ window.phone.{act}; }}");

    /// <summary>Waits for a phase of the call.</summary>
    public Task PhaseAsync(string phase) => WaitAsync($"s => s.call?.phase === '{phase}'");

    /// <summary>Waits for a state, as a JavaScript function says.</summary>
    public async Task WaitAsync(string isIt)
    {
        try
        {
            await Tab.WaitForFunctionAsync($"() => ({isIt})(window.state)", null, new PageWaitForFunctionOptions { Timeout = 30_000, PollingInterval = 50 });
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"never {isIt}: {await Tab.EvaluateAsync<string>("() => window.states.slice(-10).join('\\n')")}\n{string.Join('\n', Log)}");
        }
    }

    /// <summary>Waits until it hears a tone; 0 is silence.</summary>
    public async Task HearsAsync(double hertz)
    {
        string failure = await Tab.EvaluateAsync<string>("hertz => ears.wait(hertz, 20000)", hertz);
        Assert.True(failure.Length == 0, $"the browser does not hear {hertz} Hz but {failure}");
    }

    public async Task<JsonElement> StateAsync() => await Tab.EvaluateAsync<JsonElement>("() => window.phone.state");

    /// <summary>Takes the page's process away without a word, as a machine that loses its power does.</summary>
    public void Kill()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(System.IO.Path.GetFileName(folder), out _)))
        {
            try
            {
                // Its arguments name its sound: nobody else's browser has that file.
                if (File.ReadAllText(folder + "/cmdline").Contains(_sound, StringComparison.Ordinal))
                    Process.GetProcessById(int.Parse(System.IO.Path.GetFileName(folder), CultureInfo.InvariantCulture)).Kill();
            }
            catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException or InvalidOperationException)
            {
                // it went by itself
            }
        }
    }

    public async ValueTask DisposeAsync() => await _browser.CloseAsync();
}
