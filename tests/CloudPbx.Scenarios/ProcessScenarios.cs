using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Scenarios;

/// <summary>What a user sees of the processes: start, stop, death, commands.</summary>
[Collection(BuiltInPhonesGroup.Name)]
public sealed class ProcessScenarios
{
    private const int Sigint = 2, Sigkill = 9;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_media_node_is_replaced_and_its_calls_go_on_by_the_new_one()
    {
        await using RunningProduct pbx = await RunningProduct.StartAsync([], Cancel);
        await using Company company = await Company.FoundAsync(pbx, Cancel);
        (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(company);

        using (var media = Process.GetProcessById(pbx.MediaProcessId)) media.Kill();

        atAlice.Play(new Audio.Tones.Tone(440));                                   // both have been asked to send elsewhere
        atBob.Play(new Audio.Tones.Tone(620));
        await Task.WhenAll(atBob.Audio.WaitForToneAsync(440, Deadlines.Media), atAlice.Audio.WaitForToneAsync(620, Deadlines.Media));
        await atAlice.HangUpAsync();
        Assert.Equal(CallEndedBy.Peer, (await atBob.Ended.WaitAsync(s_patience)).By);
        Assert.Equal("caller", (await company.RecordAsync(1, Cancel)).GetProperty("releasedBy").GetString());
        (atAlice, atBob) = await TalkAsync(company);                               // the new node serves
        atAlice.Play(new Audio.Tones.Tone(540));
        await atBob.Audio.WaitForToneAsync(540, Deadlines.Media);
    }

    [Fact]
    public async Task Of_a_recording_whose_node_is_killed_all_but_the_last_two_seconds_can_be_played()
    {
        await using RunningProduct pbx = await RunningProduct.StartAsync([], Cancel);
        await using Company company = await Company.FoundAsync(pbx, Cancel);
        (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(company);
        atAlice.Press('*');
        await atBob.Audio.WaitForDigitsAsync("*", Deadlines.Media);
        atAlice.Press('1');
        await atBob.Audio.WaitForDigitsAsync("*1", Deadlines.Media);
        var recorded = Stopwatch.StartNew();
        atAlice.Play(new Audio.Tones.Tone(440));
        atBob.Play(new Audio.Tones.Tone(620));
        await atBob.Audio.HearAsync(TimeSpan.FromSeconds(5), Deadlines.Media);

        using (var media = Process.GetProcessById(pbx.MediaProcessId)) media.Kill();      // SIGKILL
        TimeSpan until = recorded.Elapsed;

        await Task.WhenAll(atBob.Audio.WaitForToneAsync(440, Deadlines.Media), atAlice.Audio.WaitForToneAsync(620, Deadlines.Media));
        await atAlice.HangUpAsync();
        await company.RecordAsync(1, Cancel);
        JsonElement[] parts = [.. (await pbx.Api.GetAsync($"tenants/{company.Name}/recordings", Cancel)).GetProperty("items").EnumerateArray()];
        JsonElement first = parts.MinBy(part => part.GetProperty("startedAt").GetString(), StringComparer.Ordinal);
        Assert.Equal((2, true), (parts.Length, first.GetProperty("partial").GetBoolean()));
        byte[]? octets = null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(s_patience);
        while (octets is null)
            octets = await pbx.Api.TryGetOctetsAsync($"tenants/{company.Name}/recordings/{first.GetProperty("id").GetString()}/audio", deadline.Token);
        Assert.Equal(Audio.Wave.WaveParseError.None, Audio.Wave.WaveFile.TryRead(octets, out Audio.Wave.WaveFile? wave));
        Assert.True(wave!.Duration >= until - TimeSpan.FromSeconds(2), $"{wave.Duration} of {until}");
        await new StoredRecording(first, wave).AssertHashAsync(pbx, company.Name, Cancel);
        foreach ((int channel, double hertz) in new[] { (0, 440.0), (1, 620.0) })
        {
            short[] end = [.. wave.Samples.Where((_, i) => i % 2 == channel).TakeLast(wave.SampleRate / 2)];
            Assert.InRange(Audio.Tones.ToneDetector.Measure(end, wave.SampleRate).Hertz, hertz - 5, hertz + 5);
        }
    }

    [Fact]
    public async Task Ctrl_C_ends_calls_with_BYE_and_a_second_start_keeps_everything()
    {
        string folder = Directory.CreateTempSubdirectory("pbx-again-").FullName;
        try
        {
            await using (RunningProduct pbx = await RunningProduct.StartAsync(folder, [], Cancel))
            {
                await using Company company = await Company.FoundAsync(pbx, Cancel);
                (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(company);
                pbx.Process.Signal(Sigint);
                Assert.Equal(CallEndedBy.Peer, (await atAlice.Ended.WaitAsync(s_patience)).By);
                Assert.Equal(CallEndedBy.Peer, (await atBob.Ended.WaitAsync(s_patience)).By);
                Assert.Equal(0, await pbx.Process.ExitedAsync(s_patience, Cancel));
                Assert.DoesNotContain(pbx.Process.Output.Snapshot(), line => line.Contains(" warn: ", StringComparison.Ordinal) || line.Contains(" fail: ", StringComparison.Ordinal));
            }
            string authority = await File.ReadAllTextAsync(Path.Combine(folder, "tls", "ca.pem"), Cancel);
            await using (RunningProduct again = await RunningProduct.StartAsync(folder, [], Cancel))
            {
                Assert.Equal(authority, await File.ReadAllTextAsync(Path.Combine(folder, "tls", "ca.pem"), Cancel));
                JsonElement tenant = Assert.Single((await again.Api.GetAsync("tenants", Cancel)).GetProperty("items").EnumerateArray(),
                    t => t.GetProperty("name").GetString()!.StartsWith("company", StringComparison.Ordinal));
                JsonElement record = Assert.Single((await again.Api.GetAsync($"tenants/{tenant.GetProperty("id").GetString()}/calls", Cancel)).GetProperty("items").EnumerateArray());
                Assert.Equal("system", record.GetProperty("releasedBy").GetString());
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_media_child_leaves_with_a_parent_that_was_killed()
    {
        await using RunningProduct pbx = await RunningProduct.StartAsync([], Cancel);
        using var media = Process.GetProcessById(pbx.MediaProcessId);
        pbx.Process.Signal(Sigkill);
        using var deadline = new CancellationTokenSource(s_patience);
        await media.WaitForExitAsync(deadline.Token);
    }

    [Fact]
    public async Task Ctrl_C_during_the_start_ends_it_quietly_with_the_media_child()
    {
        string folder = Directory.CreateTempSubdirectory("pbx-impatient-").FullName;
        try
        {
            await using ChildProcess pbx = RunningProduct.StartProgram(
                ["run", "--data", folder, "--bind", "127.0.0.1", "--sip-port", "0", "--tls-port", "0", "--https-port", "0", "--log-level", "Information"]);
            Assert.NotNull(await pbx.Output.WaitAsync(line => line.Contains("Media node started", StringComparison.Ordinal), 0, s_patience, Cancel));
            pbx.Signal(Sigint);
            Assert.Equal(0, await pbx.ExitedAsync(s_patience, Cancel));
            Assert.DoesNotContain(pbx.Output.Snapshot(), line => line.Contains("Exception", StringComparison.Ordinal) || line.Contains("CloudPbx is ready", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_taken_port_and_an_unusable_folder_get_one_sentence_and_exit_code_1()
    {
        await using RunningProduct pbx = await RunningProduct.StartAsync([], Cancel);
        (int code, string output) = await RunningProduct.RunProgramAsync(["run", "--data", pbx.DataFolder + "-2", "--sip-port", $"{pbx.SipPort}", "--tls-port", "0", "--https-port", "0"], Cancel);
        Assert.Equal(1, code);
        Assert.Contains($"port {pbx.SipPort}", output, StringComparison.Ordinal);
        Assert.Single(output.Trim().Split('\n'));

        (code, output) = await RunningProduct.RunProgramAsync(["run", "--data", pbx.DataFolder + "-2", "--bind", "127.0.0.1", "--sip-port", "0", "--tls-port", "0", "--https-port", $"{pbx.SipPort}"], Cancel);
        Assert.Equal(1, code);
        Assert.Contains($"port {pbx.SipPort}", Assert.Single(output.Trim().Split('\n')), StringComparison.Ordinal);

        (code, output) = await RunningProduct.RunProgramAsync(["run", "--data", pbx.DataFolder, "--sip-port", "0", "--tls-port", "0", "--https-port", "0"], Cancel);
        Assert.Equal(1, code);
        Assert.Contains("Another process", output, StringComparison.Ordinal);

        Assert.Contains("no phone is registered", await pbx.CommandAsync("", ["phones", "--tenant", "acme"], Cancel), StringComparison.Ordinal);      // the first one is still found

        (code, output) = await RunningProduct.RunProgramAsync(["run", "--data", "/proc/none", "--sip-port", "0", "--tls-port", "0", "--https-port", "0"], Cancel);
        Assert.Equal(1, code);
        Assert.Contains("--data DIR", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_commands_list_apply_and_export()
    {
        await using RunningProduct pbx = await RunningProduct.StartAsync([], Cancel);
        await using Company company = await Company.FoundAsync(pbx, Cancel);
        (PhoneCall atAlice, _) = await TalkAsync(company);
        Assert.Contains("CloudPbx softphone", await pbx.CommandAsync("", ["phones", "--tenant", company.Name], Cancel), StringComparison.Ordinal);
        await atAlice.HangUpAsync();
        await company.RecordAsync(1, Cancel);
        Assert.Contains("answered", await pbx.CommandAsync("", ["calls", "--tenant", company.Name], Cancel), StringComparison.Ordinal);

        string document = await pbx.CommandAsync("", ["export", company.Name], Cancel);
        Assert.Contains("nothing changed", await pbx.CommandAsync(document, ["apply", "-"], Cancel), StringComparison.Ordinal);
        string wrong = document.Replace("\"number\": \"101\"", "\"number\": \"1x1\"", StringComparison.Ordinal);
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => pbx.CommandAsync(wrong, ["apply", "-"], Cancel));
        Assert.Contains("$.extensions[1].number", refused.Message, StringComparison.Ordinal);

        foreach (string[] wrongLine in (string[][])[["export", "nobody"], ["phones", "--tenant", "nobody"], ["calls", "--count", "many"], ["calls", "--nonsense"]])
        {
            (int code, string output) = await RunningProduct.RunProgramAsync([.. wrongLine, "--data", pbx.DataFolder], Cancel);
            Assert.Equal(1, code);
            Assert.Single(output.Trim().Split('\n'));
        }
    }

    [Fact]
    public async Task The_demo_hears_both_tones()
    {
        (int code, string output) = await RunningProduct.RunProgramAsync(["demo"], Cancel);
        Assert.Equal((0, output), (code, output));
        Assert.Contains("Bob heard", output, StringComparison.Ordinal);
        Assert.Contains("Alice heard", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_the_operators_own_is_read_again_when_its_files_change()
    {
        string folder = Directory.CreateTempSubdirectory("pbx-own-certificate-").FullName;
        try
        {
            string certificate = Path.Combine(folder, "cert.pem"), key = Path.Combine(folder, "key.pem");
            string first = await WriteCertificateAsync(certificate, key);
            await using RunningProduct pbx = await RunningProduct.StartAsync(["--certificate", certificate, "--key", key], Cancel);
            Assert.Equal(first, await CertificateOfAsync(pbx.TlsPort));
            string second = await WriteCertificateAsync(certificate, key);
            using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(500));         // the files are looked at every few seconds: asking again is the only event
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            deadline.CancelAfter(s_patience);
            while (await CertificateOfAsync(pbx.TlsPort) != second)
                await again.WaitForNextTickAsync(deadline.Token);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> WriteCertificateAsync(string certificate, string key)
    {
        using ECDsa pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 made = new CertificateRequest("CN=pbx.example", pair, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        await File.WriteAllTextAsync(key, pair.ExportPkcs8PrivateKeyPem(), Cancel);
        await File.WriteAllTextAsync(certificate, made.ExportCertificatePem(), Cancel);
        return made.Thumbprint;
    }

    private static async Task<string> CertificateOfAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Cancel);
        string? thumbprint = null;
        await using var tls = new SslStream(client.GetStream(), false, (_, shown, _, _) => (thumbprint = shown?.GetCertHashString()) is not null);
        await tls.AuthenticateAsClientAsync("pbx.example");
        return thumbprint!;
    }

    private static async Task<(PhoneCall Caller, PhoneCall Callee)> TalkAsync(Company company)
    {
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
        PhoneCall atAlice = await alice.DialAsync("101");
        PhoneCall atBob = await bob.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        Assert.True((await atBob.AnswerAsync()).Accepted);
        Assert.True((await atAlice.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        return (atAlice, atBob);
    }
}
