using System.Diagnostics;
using System.Globalization;
using CloudPbx.Audio.Codecs;
using CloudPbx.MediaControl;
using CloudPbx.Rtp.Security.Dtls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>The browser that most people have, not one of ours: it sends a tone, the node echoes it, the browser measures what it hears.</summary>
public sealed class ChromiumTests
{
    private const string Program = "/usr/bin/chromium";
    private const double Hertz = 703.125;                                       // a whole number of the analyser's steps at 48 kHz
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    public ChromiumTests()
    {
        if (!DtlsCertificate.IsAvailable)
            Assert.Skip(DtlsCertificate.Missing);
        if (!File.Exists(Program))
            Assert.Skip($"{Program} is not installed.");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("calls", "audio/PCMA")]
    [InlineData("calls", "audio/opus")]
    [InlineData("called", "audio/PCMU")]
    [InlineData("calls with video", "audio/PCMA")]                              // RFC 9143 §7.3: refused, it leaves the bundle, and the voice is heard all the same
    public async Task Chromium_hears_its_own_tone_come_back(string way, string codec)
    {
        if (codec == "audio/opus" && !OpusCodec.IsAvailable)
            Assert.Skip(OpusCodec.Missing);
        await using TestNode node = await TestNode.StartAsync();
        LegId leg = new(TestNode.NewCall(), 1);
        var result = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebApplication page = await ServeAsync(node, leg, way, codec, result);
        string heard = await LookAsync(page, result);
        LegStatistics figures = await node.Client.RemoveAsync(leg, Cancel);
        Assert.True(double.TryParse(heard, CultureInfo.InvariantCulture, out double hertz), $"{heard} {figures}");
        Assert.InRange(hertz, Hertz - 12, Hertz + 12);
        Assert.True(figures.Encrypted);
        Assert.Equal(0, figures.SrtpFailures);
    }

    [Theory]                                                                    // RFC 9143: one transport for both; what is lost is asked for by PLI and NACK
    [InlineData("video/VP8")]
    [InlineData("video/H264")]
    public async Task Two_Chromium_connections_see_and_hear_each_other(string codec)
    {
        await using TestNode node = await TestNode.StartAsync();
        var call = TestNode.NewCall();
        LegId a = new(call, 1), b = new(call, 2);
        var result = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebApplication page = await ServeAsync(VideoPage.Replace("CODEC", codec, StringComparison.Ordinal), result, app =>
        {
            app.MapPost("/offer", async (HttpRequest request) =>
            {
                LegDescription offered = await node.Client.ReceiveOfferAsync(a, TestCall.Policy(), await TextAsync(request), Cancel);
                LegDescription toB = offered.Accepted ? await node.Client.OfferAsync(b, TestCall.Policy() with { WebRtc = true }, a, Cancel) : offered;
                return toB.LocalSdp ?? "refused: " + toB.Fault;
            });
            app.MapPost("/answer", async (HttpRequest request) =>
            {
                LegDescription agreed = await node.Client.ReceiveAnswerAsync(b, await TextAsync(request), Cancel);
                LegDescription toA = agreed.Accepted ? await node.Client.AnswerAsync(a, b, Cancel) : agreed;
                await node.Client.BridgeAsync(a, b, Cancel);
                return toA.LocalSdp ?? "refused: " + toA.Fault;
            });
        });
        string seen = await LookAsync(page, result);
        LegStatistics figures = await node.Client.RemoveAsync(a, Cancel);
        if (seen == "missing")
            Assert.Skip($"This Chromium has no {codec}.");
        Assert.True(seen == "seen", $"{seen} {figures}");
        Assert.Equal(0, figures.SrtpFailures);
        Assert.True(figures.PassedReceived > 10 && figures.PassedSent > 10 && figures.PacketsReceived > 10, $"{figures}");        // a picture is seen after so many
    }

    /// <summary>Opens the page in Chromium and waits for what it says.</summary>
    private static async Task<string> LookAsync(WebApplication page, TaskCompletionSource<string> result)
    {
        string profile = Directory.CreateTempSubdirectory("cloudpbx-chromium-").FullName;
        using Process browser = Process.Start(new ProcessStartInfo(Program)
        {
            ArgumentList =
            {
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", $"--user-data-dir={profile}", "--allow-loopback-in-peer-connection",
                "--autoplay-policy=no-user-gesture-required", "--use-fake-ui-for-media-stream", page.Urls.First(),
            },
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            return await result.Task.WaitAsync(s_patience, Cancel);
        }
        finally
        {
            browser.Kill(entireProcessTree: true);
            await browser.WaitForExitAsync(CancellationToken.None);
            try
            {
                Directory.Delete(profile, recursive: true);
            }
            catch (IOException)
            {
                // A child of it may write until it has gone.
            }
        }
    }

    private static Task<WebApplication> ServeAsync(TestNode node, LegId leg, string way, string codec, TaskCompletionSource<string> result) => ServeAsync(
        Page.Replace("WAY", way, StringComparison.Ordinal).Replace("CODEC", codec, StringComparison.Ordinal), result, app =>
    {
        app.MapPost("/offer", async (HttpRequest request) =>
        {
            LegDescription offered = await node.Client.ReceiveOfferAsync(leg, TestCall.Policy(), await TextAsync(request), Cancel);
            LegDescription answer = offered.Accepted ? await node.Client.AnswerAsync(leg, null, Cancel) : offered;
            await node.Client.EchoAsync(leg, Cancel);
            return answer.LocalSdp ?? "refused: " + answer.Fault;
        });
        app.MapGet("/offer", async () => (await node.Client.OfferAsync(leg, TestCall.Policy() with { WebRtc = true }, null, Cancel)).LocalSdp);
        app.MapPost("/answer", async (HttpRequest request) =>
        {
            LegDescription agreed = await node.Client.ReceiveAnswerAsync(leg, await TextAsync(request), Cancel);
            await node.Client.EchoAsync(leg, Cancel);
            return agreed.Fault ?? "";
        });
    });

    private static async Task<WebApplication> ServeAsync(string page, TaskCompletionSource<string> result, Action<WebApplication> map)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.MapGet("/", () => Results.Content(page, "text/html"));
        map(app);
        app.MapPost("/result", async (HttpRequest request) => { result.TrySetResult(await TextAsync(request)); });
        await app.StartAsync();
        return app;
    }

    private static async Task<string> TextAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        return await reader.ReadToEndAsync(Cancel);
    }

    private const string Page = """
        <!doctype html><script>
        const say = text => fetch('/result', { method: 'POST', body: String(text) });
        const post = async (path, body) => (await fetch(path, { method: 'POST', body })).text();
        (async () => {
          try {
            const context = new AudioContext({ sampleRate: 48000 });
            const tone = context.createOscillator(), out = context.createMediaStreamDestination();
            tone.frequency.value = 703.125; tone.connect(out); tone.start();
            const connection = new RTCPeerConnection();
            const heard = new Promise(done => connection.ontrack = e => done(e.streams[0] ?? new MediaStream([e.track])));
            const prefer = transceiver => transceiver.setCodecPreferences(RTCRtpSender.getCapabilities('audio').codecs.filter(c => c.mimeType === 'CODEC' || c.mimeType === 'audio/telephone-event'));
            if ('WAY'.startsWith('calls')) {
              connection.addTrack(out.stream.getAudioTracks()[0], out.stream);
              prefer(connection.getTransceivers()[0]);
              if ('WAY'.endsWith('video')) {
                const canvas = document.createElement('canvas');
                canvas.getContext('2d').fillRect(0, 0, 9, 9);
                connection.addTrack(canvas.captureStream(5).getVideoTracks()[0]);
              }
              await connection.setLocalDescription();
              await connection.setRemoteDescription({ type: 'answer', sdp: await post('/offer', connection.localDescription.sdp) });
            } else {
              await connection.setRemoteDescription({ type: 'offer', sdp: await (await fetch('/offer')).text() });
              connection.addTrack(out.stream.getAudioTracks()[0], out.stream);
              prefer(connection.getTransceivers()[0]);
              await connection.setLocalDescription();
              const fault = await post('/answer', connection.localDescription.sdp);
              if (fault) return say('refused: ' + fault);
            }
            const stream = await heard;
            const element = new Audio(); element.srcObject = stream; element.muted = true; element.play();
            const analyser = context.createAnalyser(); analyser.fftSize = 8192;
            context.createMediaStreamSource(stream).connect(analyser);
            const bins = new Float32Array(analyser.frequencyBinCount);
            for (let i = 0; i < 100; i++) {
              await new Promise(done => setTimeout(done, 200));
              analyser.getFloatFrequencyData(bins);
              let best = 0;
              for (let k = 1; k < bins.length; k++) if (bins[k] > bins[best]) best = k;
              if (bins[best] > -50 && i > 5) {
                const seen = connection.getTransceivers().slice(1).filter(t => t.currentDirection && t.currentDirection !== 'inactive' && t.currentDirection !== 'stopped');
                return say(seen.length ? 'video is ' + seen[0].currentDirection : best * 48000 / 8192);
              }
            }
            const figures = [];
            (await connection.getStats()).forEach(s => { if (s.type.endsWith('bound-rtp')) figures.push(`${s.type} ${s.packetsSent ?? s.packetsReceived}`); });
            say(`nothing heard: ${connection.connectionState}, ${connection.getTransceivers().map(t => t.currentDirection)}, ${figures}, context ${context.state}, ${connection.localDescription.sdp}`);
          } catch (fault) { say('fault: ' + fault); }
        })();
        </script>
        """;

    private const string VideoPage = """
        <!doctype html><script>
        const say = text => fetch('/result', { method: 'POST', body: String(text) });
        const post = async (path, body) => (await fetch(path, { method: 'POST', body })).text();
        const context = new AudioContext({ sampleRate: 48000 });
        const stream = hertz => {
          const tone = context.createOscillator(), out = context.createMediaStreamDestination();
          tone.frequency.value = hertz; tone.connect(out); tone.start();
          const canvas = document.createElement('canvas'); canvas.width = 160; canvas.height = 120;
          const brush = canvas.getContext('2d');
          setInterval(() => { brush.fillStyle = `rgb(${Math.random() * 255},${hertz % 255},90)`; brush.fillRect(Math.random() * 160, Math.random() * 120, 40, 40); }, 50);
          return new MediaStream([...out.stream.getAudioTracks(), ...canvas.captureStream(15).getVideoTracks()]);
        };
        const prefer = connection => {
          const capable = RTCRtpSender.getCapabilities('video').codecs, wanted = capable.filter(c => c.mimeType === 'CODEC');
          if (!wanted.length) return false;
          connection.getTransceivers().find(t => t.receiver.track.kind === 'video').setCodecPreferences([...wanted, ...capable.filter(c => c.mimeType === 'video/rtx')]);
          return true;
        };
        const decoded = async connection => {
          let frames = 0, packets = 0;
          (await connection.getStats()).forEach(s => {
            if (s.type === 'inbound-rtp' && s.kind === 'video') frames = s.framesDecoded ?? 0;
            if (s.type === 'inbound-rtp' && s.kind === 'audio') packets = s.packetsReceived ?? 0;
          });
          return [frames, packets];
        };
        (async () => {
          try {
            const a = new RTCPeerConnection(), b = new RTCPeerConnection();
            for (const connection of [a, b]) connection.ontrack = e => {
              if (e.track.kind !== 'video') return;
              const player = document.createElement('video'); player.muted = true; player.autoplay = true; player.srcObject = new MediaStream([e.track]);
              document.documentElement.append(player);
            };
            const ours = stream(440), theirs = stream(620);
            ours.getTracks().forEach(t => a.addTrack(t, ours));
            if (!prefer(a)) return say('missing');
            await a.setLocalDescription();
            const offer = await post('/offer', a.localDescription.sdp);
            await b.setRemoteDescription({ type: 'offer', sdp: offer });
            theirs.getTracks().forEach(t => b.addTrack(t, theirs));
            await b.setLocalDescription();
            const answer = await post('/answer', b.localDescription.sdp);
            await a.setRemoteDescription({ type: 'answer', sdp: answer });
            let at;
            for (let i = 0; i < 150; i++) {
              await new Promise(done => setTimeout(done, 200));
              at = [...await decoded(a), ...await decoded(b)];
              if (at.every(count => count > 15)) return say('seen');
            }
            say(`frames and packets ${at}; ${a.connectionState} ${b.connectionState}\n${offer}\n${b.localDescription.sdp}\n${answer}`);
          } catch (fault) { say('fault: ' + fault); }
        })();
        </script>
        """;
}
