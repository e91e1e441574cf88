using System.Text.RegularExpressions;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;
using CloudPbx.TestKit.Recordings;

namespace CloudPbx.TestKit.Phones;

/// <summary>
/// Debian's GNOME Calls (package gnome-calls, tried with 44~alpha.1) without a screen: a desktop session of its own, its account from a file,
/// its password from a keyring, control over D-Bus, sound through null sinks.
/// </summary>
/// <remarks>
/// Its "server" is domain, registrar and proxy in one: <see cref="PhoneAccount.Server"/>, an IP address or a name that DNS knows
/// (it never reads <c>/etc/hosts</c>). Its media begin 0.5 to 2 s after the answer. It does not unregister when it ends.
/// </remarks>
public sealed partial class GnomeCalls : IRealPhone
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);
    private readonly PhoneWorkspace _work;
    private readonly DesktopSession _session;
    private readonly ChildProcess _process;
    private readonly PhoneAccount _account;
    private readonly NetworkNamespace? _network;
    private readonly HashSet<string> _known = [];

    private GnomeCalls(PhoneWorkspace work, DesktopSession session, ChildProcess process, PhoneAccount account, NetworkNamespace? network)
    {
        (_work, _session, _process, _account, _network) = (work, session, process, account, network);
        Recording = new Recording(() => Directory.EnumerateFiles(work.Directory, "heard.wav"));
    }

    /// <summary>What it plays to its user, from its start on.</summary>
    public Recording Recording { get; }

    /// <summary>Whether both sides' last session descriptions carry a key: its own display always says "not encrypted".</summary>
    public bool MediaEncrypted
    {
        get
        {
            string text = string.Join('\n', _process.Output.Snapshot());
            return HasKey("Setting local SDP") && HasKey("Remote SDP was set");

            bool HasKey(string begin)
            {
                int at = text.LastIndexOf(begin, StringComparison.Ordinal);
                // Another thread's line may stand between those of a description: it ends where the next one begins.
                return at >= 0 && NextDescription().Split(text[(at + 1)..], 2)[0].Contains("a=crypto:", StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Starts it; it registers at once, <see cref="RegisteredAsync"/> waits for the outcome.</summary>
    /// <param name="account">Its account.</param>
    /// <param name="network">The network it lives in; null: the machine's own.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<GnomeCalls> StartAsync(PhoneAccount account, PhoneNetwork? network = null, CancellationToken cancel = default)
    {
        Tools.Require("gnome-calls");
        PhoneWorkspace work = new("gnome-calls");
        try
        {
            DesktopSession session = await DesktopSession.StartAsync(work, network?.Phones, cancel);
            await session.StorePasswordAsync(
                $"Calls Password for {account.User}", account.Password, ["server", account.Server, "username", account.User, "protocol", "sip"], cancel);
            await work.WriteAsync("home/.config/glib-2.0/settings/keyfile", Settings(account), cancel);
            await work.WriteAsync("home/.config/calls/sip-account.cfg", Configuration(account), cancel);
            ToneFile.WriteWave(work.PathOf("voice.wav"), account.ToneHertz, seconds: 180, rate: 16000, channels: 1);
            session.StartAudio(work.PathOf("voice.wav"), work.PathOf("heard.wav"));
            ChildProcess process = work.Start(["gnome-calls", "-v", "-v", "-p", "sip"], session.Environment, network: network?.Phones);
            return new GnomeCalls(work, session, process, account, network?.Phones);
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
        string? line = await OutcomeAsync(cancel);
        if (line is null || !line.Contains("REGISTER successful", StringComparison.Ordinal)) throw Failure($"not registered: {line ?? "no answer"}");
    }

    /// <summary>Waits until the registration has failed.</summary>
    /// <returns>The line of its log that says so.</returns>
    public async Task<string> RefusedAsync(CancellationToken cancel)
    {
        string? line = await OutcomeAsync(cancel);
        return line is not null && !line.Contains("REGISTER successful", StringComparison.Ordinal) ? line : throw Failure("the registration was not refused");
    }

    /// <inheritdoc/>
    public async Task<IRealCall> DialAsync(string target, CancellationToken cancel)
    {
        // As a tel: or sip: link does it: a second process hands the number to the running one.
        ChildProcess dialler = _work.Start(["gnome-calls", "--dial", target], _session.Environment, network: _network);
        GnomeCallsCall call = await NewCallAsync(state => state is not GnomeCallState.Incoming, "the call never started", cancel);
        await dialler.ExitedAsync(Patience, cancel);
        return call;
    }

    /// <inheritdoc/>
    public async Task<IRealCall> IncomingAsync(CancellationToken cancel) =>
        await NewCallAsync(state => state is GnomeCallState.Incoming, "no call came", cancel);

    /// <inheritdoc/>
    public string Logs()
    {
        // Its address book alone fills a screen.
        IEnumerable<string> telling = _process.Output.Snapshot().Where(line => !AddressBook().IsMatch(line)).TakeLast(150);
        return $"--- the end of its output{Environment.NewLine}" + string.Join(Environment.NewLine, telling);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _work.DisposeAsync();

    internal PhoneException Failure(string what) => new($"GNOME Calls {_account.User}: {what}{Environment.NewLine}{Logs()}");

    /// <summary>The calls it shows on the bus: object path, state, other party.</summary>
    internal async Task<IReadOnlyList<(string Path, GnomeCallState State, string Peer)>> CallsAsync(CancellationToken cancel)
    {
        string all;
        try
        {
            all = await BusAsync("/org/gnome/Calls", "org.freedesktop.DBus.ObjectManager.GetManagedObjects", cancel);
        }
        catch (PhoneException) when (!_process.HasExited)
        {
            return [];      // not on the bus yet
        }
        return
        [
            .. ManagedCall().Matches(all).Select(match => (
                match.Groups["path"].Value,
                (GnomeCallState)int.Parse(CallState().Match(match.Value).Groups[1].Value, provider: null),
                CallPeer().Match(match.Value).Groups[1].Value)),
        ];
    }

    internal Task<string> BusAsync(string path, string method, CancellationToken cancel) =>
        _session.RunAsync(["gdbus", "call", "--session", "--dest", "org.gnome.Calls", "--object-path", path, "--method", method], "", cancel);

    private async Task<string?> OutcomeAsync(CancellationToken cancel) => (await _process.Output.WaitAsync(RegistrationOutcome().IsMatch, 0, Patience, cancel))?.Entry;

    private async Task<GnomeCallsCall> NewCallAsync(Func<GnomeCallState, bool> wanted, string failure, CancellationToken cancel)
    {
        // Its bus signals would need a parser of GVariant text; asking four times a second serves.
        using PeriodicTimer again = new(TimeSpan.FromMilliseconds(250));
        for (long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; Environment.TickCount64 < end; await again.WaitForNextTickAsync(cancel))
        {
            foreach ((string path, GnomeCallState state, string peer) in await CallsAsync(cancel))
            {
                if (wanted(state) && _known.Add(path)) return new GnomeCallsCall(this, path, peer);
            }
        }
        throw Failure(failure);
    }

    private static string Settings(PhoneAccount account)
    {
        string codecs = string.Join(", ", account.Codecs.Select(codec => $"'{codec.ToUpperInvariant()}'"));
        // Its ring tone would be in the recording.
        return "[org/sigxcpu/feedbackd]\nprofile='silent'\n" + (codecs.Length == 0 ? "" : $"[org/gnome/Calls]\npreferred-audio-codecs=[{codecs}]\n");
    }

    private static string Configuration(PhoneAccount account) => $"""
        [account]
        Id=account
        Host={account.Server}
        User={account.User}
        DisplayName=
        Protocol={account.Transport switch
        {
            SipTransport.Udp => "UDP",
            SipTransport.Tcp => "TCP",
            SipTransport.Tls => "TLS",
            _ => throw new ArgumentException($"GNOME Calls does not speak {account.Transport}"),
        }}
        Port={account.Port}
        AutoConnect=true
        DirectMode=false
        LocalPort=0
        CanTel=true
        MediaEncryption={(int)account.Encryption}

        """;

    [GeneratedRegex(@"REGISTER successful|REGISTER denied|REGISTER: \d\d\d|unmatched challenge|must not be empty|Could not lookup password|DNS_ERROR")]
    private static partial Regex RegistrationOutcome();

    [GeneratedRegex(@" (folks|eds|GLib|GLib-GIO|\*\*|CallsSipMediaPipeline)\[\d+\]:")]
    private static partial Regex AddressBook();

    [GeneratedRegex("Setting local SDP|Remote SDP was set")]
    private static partial Regex NextDescription();

    [GeneratedRegex(@"'(?<path>/org/gnome/Calls/[^']+)'.*?'State': <uint32 \d+>.*?(?=objectpath|'/org/gnome/Calls/|$)", RegexOptions.Singleline)]
    private static partial Regex ManagedCall();

    [GeneratedRegex(@"'State': <uint32 (\d+)>")]
    private static partial Regex CallState();

    [GeneratedRegex("'Id': <'([^']*)'")]
    private static partial Regex CallPeer();
}
