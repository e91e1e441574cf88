using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;
using CloudPbx.TestKit.Recordings;

namespace CloudPbx.TestKit.Phones;

/// <summary>
/// Debian's baresip (package baresip-core, tried with 1.0.0) without a screen, driven over its control connection. It plays a tone from a
/// file and records what it decodes.
/// </summary>
/// <remarks>It accepts any TLS certificate, whatever its settings say; with a wrong password it tries some 16 times within 10 ms.</remarks>
public sealed class Baresip : IRealPhone
{
    /// <summary>For <see cref="PressAsync"/>: the key pressed last is let go, which ends its DTMF event.</summary>
    public const char KeyReleased = '\x04';

    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly Dictionary<string, string> s_codecs = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PCMU"] = "PCMU/8000/1", ["PCMA"] = "PCMA/8000/1", ["G722"] = "G722/16000/1", ["opus"] = "opus/48000/2", ["GSM"] = "GSM/8000/1",
    };

    private readonly PhoneWorkspace _work;
    private readonly BaresipControl _control;
    private readonly ChildProcess _process;
    private readonly PhoneAccount _account;
    private readonly int _consolePort;
    private readonly NetworkNamespace? _network;
    private int _seenCalls;

    private Baresip(PhoneWorkspace work, ChildProcess process, BaresipControl control, PhoneAccount account, int consolePort, NetworkNamespace? network)
    {
        (_work, _process, _control, _account, _consolePort, _network) = (work, process, control, account, consolePort, network);
        Recording = new Recording(() => Directory.EnumerateFiles(work.PathOf("sound"), "*-dec.wav").Order(StringComparer.Ordinal));
    }

    /// <summary>All that it reported so far.</summary>
    public Journal<BaresipEvent> Events => _control.Events;

    /// <summary>The domain of its account.</summary>
    internal string Domain => _account.Domain;

    /// <summary>What it decodes, all calls in a row.</summary>
    public Recording Recording { get; }

    /// <summary>Whether it said that a call's media are encrypted.</summary>
    public bool MediaEncrypted => _process.Output.Snapshot().Any(line => line.Contains("SRTP is Enabled", StringComparison.Ordinal));

    /// <summary>The SRTP suite that it named last; null when its media were never encrypted.</summary>
    public string? SrtpSuite => _process.Output.Snapshot().LastOrDefault(line => line.Contains("SRTP is Enabled", StringComparison.Ordinal)) is { } line
        ? line[(line.IndexOf("cryptosuite=", StringComparison.Ordinal) + "cryptosuite=".Length)..].TrimEnd(')', ' ')
        : null;

    /// <summary>Starts it and lets it register; <see cref="RegisteredAsync"/> waits for the outcome.</summary>
    /// <param name="account">Its account.</param>
    /// <param name="network">The namespace it lives in, and its address there; null: loopback of this machine.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<Baresip> StartAsync(PhoneAccount account, PhoneNetwork? network = null, CancellationToken cancel = default)
    {
        Tools.Require("baresip", "stdbuf");
        PhoneWorkspace work = new("baresip");
        try
        {
            Directory.CreateDirectory(work.PathOf("sound"));
            ToneFile.WriteWave(work.PathOf("tone.wav"), account.ToneHertz, seconds: 60, rate: 48000, channels: 2);
            int control = FreePort.Tcp(), console = FreePort.Tcp();
            await work.WriteAsync("config", Configuration(work, account, network?.PhoneAddress ?? (account.IsIPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback), control, console), cancel);
            await work.WriteAsync("accounts", "# the account comes over the control connection\n", cancel);
            await work.WriteAsync("contacts", "# none\n", cancel);
            ChildProcess process = work.Start(["stdbuf", "-oL", "baresip", account.IsIPv6 ? "-6" : "-4", "-s", "-f", work.Directory], network: network?.Phones);
            BaresipControl connection = await BaresipControl.ConnectAsync(control, network?.Phones, process, cancel);
            Baresip phone = new(work, process, connection, account, console, network?.Phones);
            await connection.CommandAsync("uanew", Account(account), cancel);
            return phone;
        }
        catch
        {
            await work.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task RegisteredAsync(CancellationToken cancel)
    {
        BaresipEvent? got = (await Events.WaitAsync(e => e.Type is "REGISTER_OK" or "REGISTER_FAIL", 0, Patience, cancel))?.Entry;
        if (got?.Type != "REGISTER_OK") throw Failure($"not registered: {got?.Parameter ?? "no answer"}");
    }

    /// <summary>Waits until the registrar has refused it.</summary>
    /// <returns>The reason as baresip names it: status and phrase.</returns>
    public async Task<string> RefusedAsync(CancellationToken cancel)
    {
        BaresipEvent? got = (await Events.WaitAsync(e => e.Type is "REGISTER_OK" or "REGISTER_FAIL", 0, Patience, cancel))?.Entry;
        return got?.Type == "REGISTER_FAIL" ? got.Parameter : throw Failure("the registration was not refused");
    }

    /// <inheritdoc/>
    public async Task<IRealCall> DialAsync(string target, CancellationToken cancel)
    {
        int mark = Events.Count;
        await CommandAsync("dial", target.Contains(':', StringComparison.Ordinal) ? target : $"sip:{target}@{_account.Domain}", cancel);
        // Before the first answer baresip reports nothing but a closed call; the call's id comes with whatever comes first.
        return new BaresipCall(this, null, target, mark);
    }

    /// <inheritdoc/>
    public async Task<IRealCall> IncomingAsync(CancellationToken cancel)
    {
        (BaresipEvent Entry, int Index) got = await Events.WaitAsync(e => e.Type == "CALL_INCOMING", _seenCalls, Patience, cancel) ?? throw Failure("no call came");
        _seenCalls = got.Index + 1;
        return new BaresipCall(this, got.Entry.CallId, got.Entry.Peer, got.Index);
    }

    /// <summary>Gives one of baresip's own commands.</summary>
    public async Task<string> CommandAsync(string command, string parameters, CancellationToken cancel)
    {
        try
        {
            return await _control.CommandAsync(command, parameters, cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            throw Failure($"command '{command} {parameters}': {e.Message}");
        }
    }

    /// <summary>Waits until it has a picture of the other party: a decoded frame, written to a file.</summary>
    public async Task SeesAsync(CancellationToken cancel)
    {
        string picture = _work.PathOf("seen.png");
        // It writes the next frame that it decodes, whenever that is, and tells nobody: looking again is the only event there is.
        using PeriodicTimer again = new(TimeSpan.FromMilliseconds(200));
        long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        await CommandAsync("snapshot_recv", picture, cancel);
        while (!File.Exists(picture) || new FileInfo(picture).Length == 0)
        {
            if (Environment.TickCount64 >= end) throw Failure("it sees nothing");
            await again.WaitForNextTickAsync(cancel);
        }
        File.Delete(picture);
    }

    /// <summary>Presses a key on baresip's console: in a call digits are DTMF (RFC 4733), x holds, X resumes.</summary>
    public async Task PressAsync(string keys, CancellationToken cancel)
    {
        Socket Create() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using Socket socket = _network is null ? Create() : _network.Enter(Create);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _consolePort), cancel);
        await socket.SendAsync(keys.Select(key => (byte)key).ToArray(), cancel);
    }

    /// <inheritdoc/>
    public string Logs() => _work.Logs(150);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync();
        await _work.DisposeAsync();
    }

    internal PhoneException Failure(string what)
    {
        string events = string.Join(Environment.NewLine, Events.Snapshot().TakeLast(20));
        return new PhoneException($"baresip {_account.User}: {what}{Environment.NewLine}--- its events{Environment.NewLine}{events}{Environment.NewLine}{Logs()}");
    }

    private static string Configuration(PhoneWorkspace work, PhoneAccount account, IPAddress address, int control, int console)
    {
        List<string> lines =
        [
            "poll_method epoll", $"sip_listen {new IPEndPoint(address, FreePort.Pair())}", $"net_interface {address}", "call_local_timeout 120", "call_max_calls 8",
            $"audio_source aufile,{work.PathOf("tone.wav")}", "ausrc_srate 48000", "ausrc_channels 2", "ausrc_format s16", "auplay_format s16",
            "auenc_format s16", "audec_format s16", "audio_buffer 20-160", "rtp_stats yes", "jitter_buffer_delay 5-10", "rtcp_mux no", "ringback_disabled yes", "statmode_default off",
            $"snd_path {work.PathOf("sound")}", $"ctrl_tcp_listen 127.0.0.1:{control}", $"cons_listen 127.0.0.1:{console}", $"module_path {Modules()}",
        ];
        if (account.HasVideo)
        {
            lines.AddRange(["video_source fakevideo,nil", "video_display fakevideo,nil", "video_size 320x240", "video_bitrate 200000", "video_fps 10", "videnc_format yuv420p"]);
            foreach (string module in (string[])["vp8", "fakevideo", "snapshot"]) lines.Add($"module {module}.so");
        }
        if (account.CaFile is not null) lines.Add($"sip_cafile {account.CaFile}");
        if (account.CertificateFile is not null) lines.Add($"sip_certificate {account.CertificateFile}");
        foreach (string module in (string[])["opus", "g722", "g711", "gsm", "aufile", "sndfile", "srtp", "plc", "cons"]) lines.Add($"module {module}.so");
        foreach (string module in (string[])["uuid", "account"]) lines.Add($"module_tmp {module}.so");
        foreach (string module in (string[])["contact", "menu", "ctrl_tcp"]) lines.Add($"module_app {module}.so");
        return string.Join('\n', lines) + "\n";
    }

    private static string Account(PhoneAccount account)
    {
        string transport = account.Transport switch
        {
            SipTransport.Udp => "udp",
            SipTransport.Tcp => "tcp",
            SipTransport.Tls => "tls",
            _ => throw new ArgumentException($"baresip does not speak {account.Transport}"),
        };
        List<string> parts =
        [
            $"<sip:{account.User}@{account.Domain};transport={transport}>", $"auth_user={account.User}", $"auth_pass={account.Password}",
            string.Create(CultureInfo.InvariantCulture, $"outbound=\"sip:{(account.IsIPv6 ? $"[{account.Server}]" : account.Server)}:{account.Port};transport={transport}\""),
            $"regint={account.ExpiresSeconds}", "answermode=manual", "mwi=no",
        ];
        if (account.Codecs.Count > 0) parts.Add("audio_codecs=" + string.Join(',', account.Codecs.Select(codec => s_codecs[codec])));
        if (account.Encryption == PhoneEncryption.Preferred) parts.Add("mediaenc=srtp");
        if (account.Encryption == PhoneEncryption.Required) parts.Add("mediaenc=srtp-mand");
        return string.Join(';', parts);
    }

    private static string Modules() =>
        new[] { "/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules" }
            .Concat(Directory.EnumerateDirectories("/usr/lib", "*-linux-*").Select(directory => Path.Combine(directory, "baresip/modules")))
            .First(directory => File.Exists(Path.Combine(directory, "menu.so")));
}
