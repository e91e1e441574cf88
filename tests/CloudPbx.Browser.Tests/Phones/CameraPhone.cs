using System.Collections.Concurrent;
using CloudPbx.TestKit.Phones;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests.Phones;

/// <summary>
/// A browser's phone with a picture, as somebody's own page would have it: JsSIP over the product's WebSocket, a microphone that plays a tone, and a camera that
/// shows one colour. The product's own phone has no picture.
/// </summary>
public sealed class CameraPhone : IAsyncDisposable
{
    private const string Path = "/camera-of-a-test";

    private const string Page = """
        <!doctype html><title>camera</title><canvas id="camera" width="320" height="240"></canvas><video id="seen" autoplay muted playsinline></video><audio id="heard" autoplay></audio><script type="module">
        import JsSIP from '/portal/phone/jssip.js';
        const camera = document.getElementById('camera').getContext('2d'), seen = document.getElementById('seen'), heard = document.getElementById('heard');
        let session = null, frame = 0;
        window.phase = 'off';
        const own = async colour => {
          // A bar moves across the colour, so that no two pictures are the same.
          setInterval(() => {
            camera.fillStyle = colour; camera.fillRect(0, 0, 320, 240);
            camera.fillStyle = 'black'; camera.fillRect((frame = (frame + 4) % 320), 0, 8, 240);
          }, 50);
          const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
          stream.addTrack(camera.canvas.captureStream(20).getVideoTracks()[0]);
          return stream;
        };
        const join = one => {
          session = one;
          const watch = connection => connection.addEventListener('track', e => { (e.track.kind === 'video' ? seen : heard).srcObject = new MediaStream([e.track]); });
          if (one.connection) watch(one.connection); else one.on('peerconnection', e => watch(e.peerconnection));
          one.on('confirmed', () => { window.phase = 'talking'; });
          one.on('failed', e => { window.phase = `failed: ${e.cause}`; });
          one.on('ended', () => { window.phase = 'ended'; });
        };
        window.start = async (account, colour) => {
          window.stream = await own(colour);
          window.ua = new JsSIP.UA({
            sockets: [new JsSIP.WebSocketInterface(account.address)], uri: `sip:${account.user}@${account.domain}`, authorization_user: account.user, password: account.secret,
          });
          ua.on('registered', () => { window.phase = 'registered'; });
          ua.on('registrationFailed', e => { window.phase = `refused: ${e.cause}`; });
          ua.on('newRTCSession', e => { if (e.originator === 'remote') { join(e.session); window.phase = 'incoming'; } });
          ua.start();
        };
        window.dial = (number, domain) => join(ua.call(`sip:${number}@${domain}`, { mediaStream: stream, pcConfig: { iceServers: [] } }));
        window.answer = () => session.answer({ mediaStream: stream, pcConfig: { iceServers: [] } });
        window.hangUp = () => session.terminate();
        // The colour of the other's picture, its mean over all but the bar; and how many pictures there were.
        window.look = async () => {
          const paper = new OffscreenCanvas(32, 24).getContext('2d');
          paper.drawImage(seen, 0, 0, 32, 24);
          const dots = paper.getImageData(0, 0, 32, 24).data, sum = [0, 0, 0];
          for (let i = 0; i < dots.length; i += 4) for (let k = 0; k < 3; k++) sum[k] += dots[i + k];
          return { red: sum[0] / 768, green: sum[1] / 768, blue: sum[2] / 768, frames: seen.getVideoPlaybackQuality().totalVideoFrames };
        };
        window.ready = true;
        </script>
        """;

    private readonly IBrowser _browser;
    private readonly PhoneAccount _account;

    private CameraPhone(IBrowser browser, IPage page, PhoneAccount account)
    {
        (_browser, Tab, _account) = (browser, page, account);
        page.Console += (_, message) => Log.Enqueue(message.Text);
        page.PageError += (_, fault) => Log.Enqueue(fault);
    }

    /// <summary>What the browser said.</summary>
    public ConcurrentQueue<string> Log { get; } = [];

    private IPage Tab { get; }

    /// <summary>Starts a browser of its own and lets it register.</summary>
    /// <param name="portal">The product.</param>
    /// <param name="account">Whose phone it is.</param>
    /// <param name="hertz">What its microphone plays.</param>
    /// <param name="colour">What its camera shows, as CSS has it.</param>
    public static async Task<CameraPhone> StartAsync(PortalFixture portal, PhoneAccount account, int hertz, string colour)
    {
        IBrowser browser = await portal.LaunchAsync(WebPhone.Microphone(portal.Product.DataFolder, hertz));
        IBrowserContext context = await browser.NewContextAsync(new BrowserNewContextOptions { IgnoreHTTPSErrors = true });
        context.SetDefaultTimeout((float)Visit.Patience.TotalMilliseconds);
        await context.AddInitScriptAsync(WebPhone.Ears);
        await context.RouteAsync(portal.Address + Path, route => route.FulfillAsync(new RouteFulfillOptions { Body = Page, ContentType = "text/html; charset=utf-8" }));
        var phone = new CameraPhone(browser, await context.NewPageAsync(), account);
        await phone.Tab.GotoAsync(portal.Address + Path);
        await phone.Tab.WaitForFunctionAsync("() => window.ready");
        await phone.Tab.EvaluateAsync("([account, colour]) => window.start(account, colour)", new object[]
        {
            new { user = account.User, secret = account.Password, domain = account.Domain, address = $"wss://localhost:{portal.Product.HttpsPort}/sip" }, colour,
        });
        await phone.PhaseAsync("registered");
        return phone;
    }

    public Task DialAsync(string number) => Tab.EvaluateAsync("([number, domain]) => window.dial(number, domain)", new[] { number, _account.Domain });

    public Task AnswerAsync() => Tab.EvaluateAsync("() => window.answer()");

    public Task HangUpAsync() => Tab.EvaluateAsync("() => window.hangUp()");

    /// <summary>Waits for a phase: registered, incoming, talking, ended.</summary>
    public Task PhaseAsync(string phase) => UntilAsync($"() => window.phase === '{phase}'", "() => window.phase");

    /// <summary>Waits until it hears a tone.</summary>
    public async Task HearsAsync(double hertz)
    {
        string failure = await Tab.EvaluateAsync<string>("hertz => ears.wait(hertz, 20000)", hertz);
        Assert.True(failure.Length == 0, $"the browser does not hear {hertz} Hz but {failure}");
    }

    /// <summary>Waits until it sees a colour, in pictures that go on coming.</summary>
    /// <param name="channel">The strongest one: red, green or blue.</param>
    public Task SeesAsync(string channel) => UntilAsync(
        $$"""
        async () => {
          const at = await look();
          window.before ??= at.frames;
          const others = ['red', 'green', 'blue'].filter(name => name !== '{{channel}}');
          return at.frames > window.before + 20 && others.every(name => at['{{channel}}'] > at[name] + 60);
        }
        """,
        "async () => JSON.stringify(await look())");

    public async ValueTask DisposeAsync() => await _browser.CloseAsync();

    private async Task UntilAsync(string isIt, string what)
    {
        try
        {
            await Tab.WaitForFunctionAsync(isIt, null, new PageWaitForFunctionOptions { Timeout = 30_000, PollingInterval = 100 });
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"never {isIt}: {await Tab.EvaluateAsync<string>(what)}\n{string.Join('\n', Log)}");
        }
    }
}
