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
            string heard = await result.Task.WaitAsync(s_patience, Cancel);
            LegStatistics figures = await node.Client.RemoveAsync(leg, Cancel);
            Assert.True(double.TryParse(heard, CultureInfo.InvariantCulture, out double hertz), $"{heard} {figures}");
            Assert.InRange(hertz, Hertz - 12, Hertz + 12);
            Assert.True(figures.Encrypted);
            Assert.Equal(0, figures.SrtpFailures);
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

    private static async Task<WebApplication> ServeAsync(TestNode node, LegId leg, string way, string codec, TaskCompletionSource<string> result)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.MapGet("/", () => Results.Content(Page.Replace("WAY", way, StringComparison.Ordinal).Replace("CODEC", codec, StringComparison.Ordinal), "text/html"));
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
}
