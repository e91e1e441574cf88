using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.Audio.Tones;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Authentication;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;
using CloudPbx.Softphone;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>demo</c>: the product in a temporary folder, two built-in phones over TLS with SRTP, one call, and what was measured.</summary>
internal static class DemoCommand
{
    private const double CallerHertz = 440, CalleeHertz = 620;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    public static Command Build()
    {
        var command = new Command("demo", "Start CloudPbx in a temporary folder on free ports, let two built-in phones talk over TLS with SRTP, and show the call. Exit code 0 only if both tones came through.");
        command.SetAction((_, cancel) => RunAsync(Console.Out, cancel));
        return command;
    }

    /// <summary>Runs the demo.</summary>
    /// <returns>0 if both phones heard each other's tone.</returns>
    internal static async Task<int> RunAsync(TextWriter output, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("cloudpbx-demo-").FullName;
        try
        {
            await output.WriteLineAsync("Starting CloudPbx in a temporary folder …");
            long start = Stopwatch.GetTimestamp();
            var options = new RunOptions { Data = folder, Bind = [IPAddress.Loopback], SipPort = 0, TlsPort = 0, HttpsPort = 0 };
            await using Product product = await Product.StartAsync(options, cancel);
            await output.WriteLineAsync($"Ready after {Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s.");
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            deadline.CancelAfter(s_deadline);
            return await CallAsync(product, new Installation(folder), output, deadline.Token) ? 0 : 1;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            await output.WriteLineAsync($"The demo did not come to its end within {s_deadline.TotalSeconds} s.");
            return 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<bool> CallAsync(Product product, Installation installation, TextWriter output, CancellationToken cancel)
    {
        var ladder = new Ladder("alice 100", "CloudPbx", "bob 101");
        await using Phone alice = await StartAsync(product, "100", "Alice", cancel);
        await using Phone bob = await StartAsync(product, "101", "Bob", cancel);
        alice.Traced += message => ladder.Add(message, Ladder.Side.Left);
        bob.Traced += message => ladder.Add(message, Ladder.Side.Right);
        RegistrationState[] registrations = await Task.WhenAll(alice.RegisterAsync(), bob.RegisterAsync()).WaitAsync(cancel);
        if (Array.Find(registrations, r => !r.IsRegistered) is { } refused)
        {
            await output.WriteLineAsync($"A phone could not register: {refused.StatusCode} {refused.ReasonPhrase}.");
            return false;
        }

        long dialled = Stopwatch.GetTimestamp();
        PhoneCall atAlice = await alice.DialAsync("101");
        PhoneCall atBob = await bob.IncomingAsync(cancel);
        await atBob.AnswerAsync().WaitAsync(cancel);
        CallAnswer answer = await atAlice.Answered.WaitAsync(cancel);
        TimeSpan setUp = Stopwatch.GetElapsedTime(dialled);
        if (!answer.Accepted)
        {
            await output.WriteLineAsync($"The call failed: {answer.StatusCode} {answer.Response?.ReasonPhrase}.");
            return false;
        }
        atAlice.Play(new Tone(CallerHertz));
        atBob.Play(new Tone(CalleeHertz));
        ToneMeasurement heardByBob = await ListenAsync(atBob, CallerHertz, cancel), heardByAlice = await ListenAsync(atAlice, CalleeHertz, cancel);
        bool encrypted = atAlice.Audio.Encrypted && atBob.Audio.Encrypted;
        long relayed = atAlice.Audio.Figures.Received + atBob.Audio.Figures.Received;
        await atAlice.HangUpAsync().WaitAsync(cancel);
        await atBob.Ended.WaitAsync(cancel);
        CallRecordDto record = await RecordAsync(product, installation, cancel);

        await output.WriteLineAsync();
        ladder.WriteTo(output);
        await output.WriteLineAsync();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Set up in        {setUp.TotalMilliseconds:0} ms, signalling over TLS, {(encrypted ? "audio in SRTP on both sides" : "audio in clear")}"));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Bob heard        {heardByBob.Hertz:0} Hz at {heardByBob.LevelDbm0:0} dBm0 (Alice played {CallerHertz:0} Hz)"));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Alice heard      {heardByAlice.Hertz:0} Hz at {heardByAlice.LevelDbm0:0} dBm0 (Bob played {CalleeHertz:0} Hz)"));
        await output.WriteLineAsync($"Packets relayed  {relayed}");
        await output.WriteLineAsync($"Call record      {record.CallerNumber} → {record.CalledNumber}, {record.Disposition}, {record.TalkMilliseconds} ms, ended by the {record.ReleasedBy}; {string.Join(" | ", record.Media.Select(CallsCommand.MediaText))}");
        bool passed = encrypted && IsNear(heardByBob, CallerHertz) && IsNear(heardByAlice, CalleeHertz);
        await output.WriteLineAsync(passed ? "Both tones came through." : "A tone did not come through.");
        return passed;
    }

    private static async Task<Phone> StartAsync(Product product, string extension, string name, CancellationToken cancel)
    {
        X509Certificate2Collection trusted = [];
        trusted.ImportFromPemFile(product.Running.CertificateAuthority!);
        return await Phone.StartAsync(
            new PhoneOptions
            {
                Server = new IPEndPoint(IPAddress.Loopback, product.Running.TlsPort),
                Transport = SipTransport.Tls,
                Domain = RunOptions.DefaultDomain,
                User = extension,
                Password = product.Banner.Secrets.First(s => s.Extension == extension).Password,
                DisplayName = name,
                TrustedAuthorities = trusted,
                Srtp = Sdp.SrtpPolicy.Required,
            },
            cancel);
    }

    /// <summary>What arrives once the tone is there; a wrong or missing tone ends in the deadline.</summary>
    private static async Task<ToneMeasurement> ListenAsync(PhoneCall call, double hertz, CancellationToken cancel)
    {
        await call.Audio.WaitForToneAsync(hertz, cancel);
        return await call.Audio.HearAsync(TimeSpan.FromSeconds(1), cancel);
    }

    private static bool IsNear(ToneMeasurement heard, double hertz) => Math.Abs(heard.Hertz - hertz) < 5 && heard.LevelDbm0 > -30;

    /// <summary>The call's record: it is written a moment after the call's end.</summary>
    private static async Task<CallRecordDto> RecordAsync(Product product, Installation installation, CancellationToken cancel)
    {
        using var api = new ApiClient(product.Running.ApiSocket, OperatorToken.ReadOrCreate(installation.OperatorToken));
        while (true)
        {
            Page<CallRecordDto> page = await api.GetAsync<Page<CallRecordDto>>($"tenants/{FirstStart.DemoTenant.Name}/calls", cancel);
            if (page.Items is [var record, ..]) return record;
            await Task.Delay(50, cancel);
        }
    }
}
