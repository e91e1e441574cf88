using System.Globalization;
using System.Net;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;
using CloudPbx.TestKit.Recordings;

namespace CloudPbx.TestKit.Phones;

/// <summary>
/// Debian's sipp (package sip-tester, tried with 3.6.1) with our scenario files: literal messages over UDP or TCP, a real PCMU tone out,
/// RTP echoed. It judges signalling only; what was heard, the other side must say. Debian's build has no TLS.
/// </summary>
public sealed class Sipp : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly PhoneWorkspace _work;
    private readonly ChildProcess _process;

    private Sipp(PhoneWorkspace work, ChildProcess process) => (_work, _process) = (work, process);

    /// <summary>Registers (a binding of <see cref="PhoneAccount.ExpiresSeconds"/>; 0 removes it) and ends.</summary>
    public static async Task<SippOutcome> RegisterAsync(PhoneAccount account, PhoneNetwork? network = null, CancellationToken cancel = default)
    {
        await using Sipp sipp = await StartAsync("register.xml", account, network, ["-m", "1"], null, cancel);
        return await sipp.FinishedAsync(TimeSpan.Zero, cancel);
    }

    /// <summary>Starts calls that send <see cref="PhoneAccount.ToneHertz"/> as PCMU for some time after the answer, and then hang up.</summary>
    /// <param name="account">Who calls.</param>
    /// <param name="target">The number to call.</param>
    /// <param name="talk">How long to talk.</param>
    /// <param name="calls">How many calls, one a second.</param>
    /// <param name="network">Where it lives; null: loopback.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static Task<Sipp> CallAsync(
        PhoneAccount account, string target, TimeSpan talk, int calls = 1, PhoneNetwork? network = null, CancellationToken cancel = default) =>
        StartAsync("call.xml", account, network, ["-m", calls.ToString(CultureInfo.InvariantCulture), "-r", "1", "-key", "target", target], talk, cancel);

    /// <summary>Starts a call that requires reliable provisional responses (RFC 3262): it sends PRACK for the ringing, then as the other calls.</summary>
    public static Task<Sipp> CallReliablyAsync(PhoneAccount account, string target, TimeSpan talk, CancellationToken cancel = default) =>
        StartAsync("call-reliably.xml", account, null, ["-m", "1", "-key", "target", target], talk, cancel);

    /// <summary>Starts a call with a session timer (RFC 4028), refreshed by UPDATE after the talk.</summary>
    public static Task<Sipp> CallTimedAsync(PhoneAccount account, string target, TimeSpan talk, CancellationToken cancel = default) =>
        StartAsync("call-timed.xml", account, null, ["-m", "1", "-key", "target", target], talk, cancel);

    /// <summary>Waits until the PBX has answered a PRACK.</summary>
    public Task AcknowledgedAsync(CancellationToken cancel) => HappenedAsync("acknowledged", 1, cancel);

    /// <summary>Starts a call that goes over to fax (ITU-T T.38), and back to audio after some time.</summary>
    public static Task<Sipp> CallFaxAsync(PhoneAccount account, string target, TimeSpan fax, CancellationToken cancel) =>
        StartAsync("call-fax.xml", account, null, ["-m", "1", "-key", "target", target], fax, cancel);

    /// <summary>Waits until the other side has agreed to a fax.</summary>
    public Task FaxingAsync(CancellationToken cancel) => HappenedAsync("faxing", 1, cancel);

    /// <summary>Registers and stays: every call is answered after a short ring and hears its own voice.</summary>
    public static Task<Sipp> AnswerAsync(PhoneAccount account, PhoneNetwork? network = null, CancellationToken cancel = default) => AnswerAsync("answer.xml", account, network, cancel);

    /// <summary>The same by a fax machine: it answers, and agrees to a fax and to audio after that.</summary>
    public static Task<Sipp> AnswerFaxAsync(PhoneAccount account, CancellationToken cancel) => AnswerAsync("answer-fax.xml", account, null, cancel);

    private static async Task<Sipp> AnswerAsync(string scenario, PhoneAccount account, PhoneNetwork? network, CancellationToken cancel)
    {
        Sipp sipp = await StartAsync("stay.xml", account, network, ["-m", "1", "-rtp_echo", "-oocsf", scenario], null, cancel);
        try
        {
            await sipp.HappenedAsync("registered", 1, cancel);
            return sipp;
        }
        catch
        {
            await sipp.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a busy lamp key (RFC 4235): it watches an extension, which must be idle, until that one has been called, has talked and has hung up.</summary>
    /// <param name="account">Whose key it is.</param>
    /// <param name="at">Where the phone is.</param>
    /// <param name="extension">Whom it watches.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static Task<Sipp> WatchAsync(PhoneAccount account, IPEndPoint at, string extension, CancellationToken cancel) =>
        StartAsync("watch.xml", account, null, ["-m", "1", "-key", "target", extension], null, cancel, at);

    /// <summary>Waits until a busy lamp is <c>watching</c>, and shows <c>early</c>, <c>confirmed</c> or again <c>idle</c>.</summary>
    public Task ShowsAsync(string lamp, CancellationToken cancel) => HappenedAsync(lamp, 1, cancel);

    /// <summary>Starts a carrier that challenges one call, answers it where the password is right, and gives the voice back.</summary>
    /// <param name="account">The carrier's account; its server and port are the PBX's.</param>
    /// <param name="at">Where the carrier listens.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static Task<Sipp> CarrierAsync(PhoneAccount account, IPEndPoint at, CancellationToken cancel) =>
        StartAsync("carrier.xml", account, null, ["-m", "1", "-rtp_echo"], null, cancel, at);

    /// <summary>Starts a carrier that lets one caller hear <see cref="PhoneAccount.ToneHertz"/> in early media, and answers after some time.</summary>
    public static Task<Sipp> EarlyCarrierAsync(PhoneAccount account, IPEndPoint at, TimeSpan before, CancellationToken cancel) =>
        StartAsync("carrier-early.xml", account, null, ["-m", "1"], before, cancel, at);

    /// <summary>Starts a carrier that requires reliable provisional responses in one call, answers PRACK with 405, and then the call (I1); it gives the voice back.</summary>
    public static Task<Sipp> CarrierWithoutPrackAsync(PhoneAccount account, IPEndPoint at, CancellationToken cancel) =>
        StartAsync("carrier-without-prack.xml", account, null, ["-m", "1", "-rtp_echo"], null, cancel, at);

    /// <summary>Starts a carrier that answers one call with 503.</summary>
    public static Task<Sipp> BusyCarrierAsync(PhoneAccount account, IPEndPoint at, CancellationToken cancel) =>
        StartAsync("carrier-refuses.xml", account, null, ["-m", "1"], null, cancel, at);

    /// <summary>Starts a carrier's call to a number of ours: no credentials, only its address.</summary>
    public static Task<Sipp> CarrierCallsAsync(PhoneAccount account, IPEndPoint at, string number, TimeSpan talk, CancellationToken cancel) =>
        StartAsync("carrier-calls.xml", account, null, ["-m", "1", "-key", "target", number], talk, cancel, at);

    /// <summary>Waits until the carrier knows whose call it is.</summary>
    public Task KnownAsync(CancellationToken cancel) => HappenedAsync("known", 1, cancel);

    /// <summary>Waits until a call is established.</summary>
    public Task AnsweredAsync(CancellationToken cancel) => HappenedAsync("answered", 1, cancel);

    /// <summary>Waits until an answered call is over.</summary>
    public Task EndedAsync(CancellationToken cancel) => HappenedAsync("ended", 1, cancel);

    /// <summary>Waits for its own end.</summary>
    /// <param name="talk">What the wait is prolonged by: how long its calls last.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<SippOutcome> FinishedAsync(TimeSpan talk, CancellationToken cancel)
    {
        int code = await _process.ExitedAsync(s_patience + talk, cancel) ?? throw Failure("it does not end");
        (int successful, int failed) = Statistics();
        return new SippOutcome(code, successful, failed, Log());
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _work.DisposeAsync();

    private static async Task<Sipp> StartAsync(
        string scenario, PhoneAccount account, PhoneNetwork? network, string[] extra, TimeSpan? talk, CancellationToken cancel, IPEndPoint? at = null)
    {
        Tools.Require("sipp");
        PhoneWorkspace work = new("sipp");
        try
        {
            foreach (string file in (string[])["register.xml", "call.xml", "call-reliably.xml", "call-timed.xml", "call-fax.xml", "answer-fax.xml", "stay.xml", "answer.xml", "carrier.xml", "carrier-early.xml", "carrier-without-prack.xml", "carrier-refuses.xml", "carrier-calls.xml", "watch.xml"])
            {
                // sipp fills in its own keywords everywhere but inside [authentication], so the account is written into the text.
                string text = Resource(file)
                    .Replace("AUTHUSER", account.User, StringComparison.Ordinal).Replace("AUTHPASSWORD", account.Password, StringComparison.Ordinal)
                    .Replace("TONEFILE", work.PathOf("tone.ul"), StringComparison.Ordinal).Replace("EVENTSFILE", work.PathOf("events"), StringComparison.Ordinal)
                    .Replace("PAUSEMS", ((int)(talk ?? TimeSpan.Zero).TotalMilliseconds).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
                await work.WriteAsync(file, text, cancel);
            }
            ToneFile.WriteMuLaw(work.PathOf("tone.ul"), account.ToneHertz, seconds: 10);
            string address = (at?.Address ?? network?.PhoneAddress ?? IPAddress.Loopback).ToString();
            int port = at?.Port ?? (account.Transport == SipTransport.Udp ? FreePort.Udp() : FreePort.Tcp());
            string[] arguments =
            [
                "sipp", $"{account.Server}:{account.Port}", "-sf", scenario, "-i", address, "-mi", address, "-p", Number(port), "-mp", Number(FreePort.Pair()),
                "-t", account.Transport switch { SipTransport.Udp => "u1", SipTransport.Tcp => "t1", _ => throw new ArgumentException("Debian's sipp speaks UDP and TCP only.") },
                "-key", "domain", account.Domain, "-key", "user", account.User, "-key", "expires", Number(account.ExpiresSeconds),
                "-au", account.User, "-ap", account.Password, "-rtp_payload", "0", "-nostdin", "-trace_err", "-error_file", "errors.log",
                "-trace_msg", "-message_file", "messages.log", "-trace_stat", "-stf", "statistics.csv", "-fd", "1", .. extra,
            ];
            return new Sipp(work, work.Start(arguments, new Dictionary<string, string?> { ["TERM"] = "dumb" }, network: network?.Phones));
        }
        catch
        {
            await work.DisposeAsync();
            throw;
        }
    }

    private async Task HappenedAsync(string what, int times, CancellationToken cancel)
    {
        // sipp tells through a file only.
        using PeriodicTimer again = new(TimeSpan.FromMilliseconds(50));
        long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (Read("events").Split('\n').Count(line => line == what) < times)
        {
            if (_process.HasExited || Environment.TickCount64 >= end) throw Failure($"not {what}");
            await again.WaitForNextTickAsync(cancel);
        }
    }

    /// <summary>The last line of its statistics: columns by name.</summary>
    private (int Successful, int Failed) Statistics()
    {
        string[] lines = Read("statistics.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length < 2) return (0, 0);
        string[] names = lines[0].Split(';'), values = lines[^1].Split(';');
        int Column(string name) => int.Parse(values[Array.IndexOf(names, name)], CultureInfo.InvariantCulture);
        return (Column("SuccessfulCall(C)"), Column("FailedCall(C)"));
    }

    private string Read(string file) => File.Exists(_work.PathOf(file)) ? File.ReadAllText(_work.PathOf(file)) : "";

    private string Log() => string.Join(Environment.NewLine, Read("errors.log"), Read("messages.log"));

    private PhoneException Failure(string what) => new($"sipp: {what}{Environment.NewLine}{_process.Tail(10)}{Environment.NewLine}{Log()}");

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Resource(string file)
    {
        using StreamReader reader = new(typeof(Sipp).Assembly.GetManifestResourceStream($"Sipp/{file}")!);
        return reader.ReadToEnd();
    }
}
