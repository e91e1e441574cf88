using System.Net;
using System.Net.Sockets;
using System.Text;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Processes;
using CloudPbx.TestKit.Telemetry;

namespace CloudPbx.Scenarios;

/// <summary>What an operator sees of the running product: metrics, traces, logs, health.</summary>
[Collection(BuiltInPhonesGroup.Name)]
public sealed class TelemetryScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_is_one_trace_across_edge_worker_media_node_and_api()
    {
        string[] scopes = ["CloudPbx.Api", "CloudPbx.CallControl", "CloudPbx.Edge", "CloudPbx.Media", "CloudPbx.MediaControl"];
        await using OtlpSink sink = await OtlpSink.StartAsync(Cancel);
        await using RunningProduct pbx = await RunningProduct.StartAsync([], Cancel, sink.Environment);
        await using Company company = await Company.FoundAsync(pbx, Cancel);
        await CallAsync(company);

        // The record is stored last; each process sends its spans by itself, so every one that is named as a parent is waited for.
        OtlpSpan stored = (await sink.Spans.WaitAsync(span => span.Name == "store call record", 0, Deadlines.Signalling, Cancel))!.Value.Entry;
        foreach (string scope in scopes)
            Assert.NotNull(await sink.Spans.WaitAsync(span => span.TraceId == stored.TraceId && span.Scope == scope, 0, Deadlines.Signalling, Cancel));
        Assert.NotNull(await sink.Spans.WaitAsync(span => span.TraceId == stored.TraceId && span.Name == "media remove" && span.Scope == "CloudPbx.Media", 0, Deadlines.Signalling, Cancel));
        foreach (OtlpSpan child in Trace().Where(span => span.ParentId.Length > 0))
            Assert.NotNull(await sink.Spans.WaitAsync(span => span.SpanId == child.ParentId, 0, Deadlines.Signalling, Cancel));
        OtlpSpan root = Assert.Single(Trace(), span => span.ParentId.Length == 0);
        Assert.Equal(("allinone", "call setup"), (root.Service, root.Name));
        Assert.All(Trace().Where(span => span.Scope == "CloudPbx.Media"), span => Assert.Equal("media", span.Service));
        Assert.Contains(Trace(), span => span.Name == "forward INVITE");

        IEnumerable<OtlpSpan> Trace() => sink.Spans.Snapshot().Where(span => span.TraceId == stored.TraceId);
    }

    [Fact]
    public async Task Metrics_have_their_documented_names_and_pass_Prometheus_own_check()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await CallAsync(company);
        string page = await PageAsync("/metrics") + await PageAsync("/metrics/media");
        // Counted only once something happens, which an ordinary call does not bring about.
        string[] rare = ["dropped", "malformed", "delayed", "answered", "held", "returned", "trapped", "round_trip", "set_aside", "notifications"];
        foreach (string name in DocumentedMetrics.Names.Where(name => !rare.Any(word => name.EndsWith(word, StringComparison.Ordinal))))
            Assert.Contains("# TYPE " + name.Replace('.', '_'), page, StringComparison.Ordinal);
        Assert.Contains("cloudpbx_session_attempts_total{", page, StringComparison.Ordinal);
        Assert.Contains("cloudpbx_session_request_delay_seconds_bucket{", page, StringComparison.Ordinal);

        Tools.Require("promtool");
        foreach (string path in (string[])["/metrics", "/metrics/media"])
        {
            (int code, string said) = await ChildProcess.RunAsync(["promtool", "check", "metrics"], fixture.Pbx.DataFolder, input: await PageAsync(path), cancel: Cancel);
            Assert.True(code is 0 or 3, said);                                                     // 3: a matter of style, perhaps of the runtime's own metrics
            Assert.DoesNotContain("cloudpbx_", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Metrics_are_not_for_those_who_reach_the_REST_API_by_the_network()
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        using var stranger = new HttpClient(handler);
        string root = $"https://127.0.0.1:{fixture.Pbx.HttpsPort}";
        foreach (string path in (string[])["/metrics", "/metrics/media"])
        {
            using HttpResponseMessage answer = await stranger.GetAsync(new Uri(root + path), Cancel);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task The_product_is_live_and_ready()
    {
        Assert.Equal("Healthy", await PageAsync("/health/live"));
        string ready = await PageAsync("/health/ready");
        foreach (string part in (string[])["database", "edge", "worker"])
            Assert.Contains($"\"{part}\":{{\"status\":\"Healthy\"", ready, StringComparison.Ordinal);
    }

    /// <summary>SECURITY.md S22: what strangers send reaches the log harmless; and no secret ever does.</summary>
    [Fact]
    public async Task The_log_of_a_run_holds_no_secret_and_no_control_character()
    {
        await using RunningProduct pbx = await RunningProduct.StartAsync(["--log-level", "Trace"], Cancel);
        await using Company company = await Company.FoundAsync(pbx, Cancel);
        await CallAsync(company);
        PhoneOptions account = company.Account("102");
        Phone guesser = await company.StartAsync(account with { Password = "wrong-" + account.Password });
        Assert.False((await guesser.RegisterAsync().WaitAsync(Deadlines.Signalling)).IsRegistered);
        await SendHostileAsync(pbx);

        string[] secrets =
        [
            company.Account("100").Password, company.Account("101").Password, company.Account("102").Password, pbx.PasswordOf("100"),
            (await File.ReadAllTextAsync(Path.Combine(pbx.DataFolder, "operator.token"), Cancel)).Trim(),
            (await File.ReadAllTextAsync(Path.Combine(pbx.DataFolder, "platform.key"), Cancel)).Trim(),
        ];
        Assert.NotNull(await pbx.Process.Output.WaitAsync(line => line.Contains("ended:", StringComparison.Ordinal), 0, Deadlines.Signalling, Cancel));
        IReadOnlyList<string> log = pbx.Process.Output.Snapshot();
        Assert.Contains(log, line => line.Contains("[tenant ", StringComparison.Ordinal));
        foreach (string line in log)
        {
            Assert.DoesNotContain(secrets, secret => line.Contains(secret, StringComparison.Ordinal));
            Assert.DoesNotContain("Authorization", line, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("response=\"", line, StringComparison.Ordinal);                 // a digest
            Assert.DoesNotContain("inline:", line, StringComparison.Ordinal);                    // an SDES key (RFC 4568)
            Assert.DoesNotContain(line, char.IsControl);
        }
    }

    private static async Task CallAsync(Company company)
    {
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
        PhoneCall atAlice = await alice.DialAsync("101");
        PhoneCall atBob = await bob.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        Assert.True((await atBob.AnswerAsync()).Accepted);
        Assert.True((await atAlice.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        atAlice.Play(new Audio.Tones.Tone(440));
        await atBob.Audio.WaitForToneAsync(440, Deadlines.Media);
        await atBob.HangUpAsync();
        await atAlice.Ended.WaitAsync(Deadlines.Signalling);
        await company.RecordAsync(1, Cancel);
    }

    // Escape sequences and bare line feeds wherever a header field's value can be.
    private static async Task SendHostileAsync(RunningProduct pbx)
    {
        using var socket = new UdpClient(AddressFamily.InterNetwork);
        const string Evil = "\u001b[2J\u0007\u009b31m\u202e";
        string request = $"REGISTER sip:{pbx.Domain} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bKevil;rport\r\nMax-Forwards: 70\r\n"
            + $"From: \"{Evil}\" <sip:{Uri.EscapeDataString(Evil)}@{pbx.Domain}>;tag=1\r\nTo: <sip:{Uri.EscapeDataString(Evil)}@{pbx.Domain}>\r\nCall-ID: evil\r\nCSeq: 1 REGISTER\r\n"
            + $"Authorization: Digest username=\"{Evil}\", realm=\"{Evil}\", nonce=\"{Evil}\", uri=\"sip:x\", response=\"{new string('0', 32)}\"\r\n"
            + $"User-Agent: {Evil}\r\nContact: <sip:a@127.0.0.1:5999>\r\nContent-Length: 0\r\n\r\n";
        await socket.SendAsync(Encoding.UTF8.GetBytes(request), new IPEndPoint(IPAddress.Loopback, pbx.SipPort), Cancel);
        await socket.ReceiveAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
    }

    private async Task<string> PageAsync(string path)
    {
        (int status, string text) = await fixture.Pbx.Api.PageAsync(path, Cancel);
        Assert.True(status == 200, text);
        return text;
    }
}
