using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;
using CloudPbx.TestKit.Recordings;

namespace CloudPbx.TestKit.Phones;

/// <summary>
/// Debian's Linphone on a console (linphonec of package linphone-cli, tried with 5.1.65), driven by its own commands. It plays a tone from a file and
/// records what it decodes.
/// </summary>
/// <remarks>
/// The one SIP phone here that verifies a TLS server's certificate, authority and name. An address that the user typed it compares with the certificate's
/// DNS names alone.
/// </remarks>
public sealed partial class Linphone : IRealPhone
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private const string HeardFile = "heard.wav";
    private readonly PhoneWorkspace _work;
    private readonly ChildProcess _process;
    private readonly PhoneAccount _account;
    private int _seenCalls;

    private Linphone(PhoneWorkspace work, ChildProcess process, PhoneAccount account)
    {
        (_work, _process, _account) = (work, process, account);
        Recording = new Recording(() => Directory.EnumerateFiles(work.Directory, HeardFile), CodecRate);
    }

    /// <summary>What it decodes, all calls in a row.</summary>
    public Recording Recording { get; }

    /// <summary>Whether it said that the last negotiated media are encrypted.</summary>
    public bool MediaEncrypted => _process.Output.Snapshot().LastOrDefault(line => line.Contains("Negotiated media encryption is", StringComparison.Ordinal))
        ?.EndsWith("SRTP", StringComparison.Ordinal) == true;

    /// <summary>Starts it and lets it register; <see cref="RegisteredAsync"/> waits for the outcome.</summary>
    /// <param name="account">Its account; it has its own order of codecs.</param>
    /// <param name="network">The namespace it lives in, and its address there; null: loopback of this machine.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static Task<Linphone> StartAsync(PhoneAccount account, PhoneNetwork? network = null, CancellationToken cancel = default) => StartAsync(account, network, null, cancel);

    /// <summary>Starts one that knows nothing but where its account is fetched from (remote provisioning).</summary>
    /// <param name="address">The link.</param>
    /// <param name="caFile">PEM file of the authority that it trusts.</param>
    /// <param name="toneHertz">What it plays.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>Registered.</returns>
    public static async Task<Linphone> ProvisionAsync(Uri address, string caFile, int toneHertz, CancellationToken cancel)
    {
        Linphone phone = await StartAsync(new PhoneAccount("provisioned", "", "", "", 0, SipTransport.Tls) { CaFile = caFile, ToneHertz = toneHertz }, null, address, cancel);
        try
        {
            await phone.RegisteredAsync(cancel);
            await phone.UseFilesAsync(cancel);                                              // what it fetched has set up its sound anew
            return phone;
        }
        catch
        {
            await phone.DisposeAsync();
            throw;
        }
    }

    private static async Task<Linphone> StartAsync(PhoneAccount account, PhoneNetwork? network, Uri? provisioning, CancellationToken cancel)
    {
        Tools.Require("linphonec", "stdbuf");
        PhoneWorkspace work = new("linphone");
        try
        {
            ToneFile.WriteWave(work.PathOf("tone.wav"), account.ToneHertz, seconds: 60, rate: 16000, channels: 1);
            foreach (string folder in (string[])[".local/share/linphone", ".config/linphone"]) Directory.CreateDirectory(work.PathOf(folder));
            string settings = await work.WriteAsync("linphonerc", Settings(account, network?.PhoneAddress ?? IPAddress.Loopback, provisioning), cancel);
            ChildProcess process = work.Start(["stdbuf", "-oL", "linphonec", "-d", "4", "-c", settings], input: null, network: network?.Phones);
            Linphone phone = new(work, process, account);
            await phone.UseFilesAsync(cancel);
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
        if (await RegistrationAsync(cancel) != "Ok") throw Failure("the registration was refused");
    }

    /// <summary>Waits until the registrar has refused it, or it the server's certificate.</summary>
    public async Task RefusedAsync(CancellationToken cancel)
    {
        if (await RegistrationAsync(cancel) != "Failed") throw Failure("the registration was not refused");
    }

    /// <inheritdoc/>
    public async Task<IRealCall> DialAsync(string target, CancellationToken cancel)
    {
        int mark = _process.Output.Count;
        await CommandAsync($"call {target}", cancel);
        (Match call, _) = await NextAsync(Outgoing(), mark, "it does not dial", cancel);
        return new LinphoneCall(this, call.Groups[2].Value, call.Groups[1].Value, mark);
    }

    /// <inheritdoc/>
    public async Task<IRealCall> IncomingAsync(CancellationToken cancel)
    {
        (Match call, int index) = await NextAsync(Incoming(), _seenCalls, "no call came", cancel);
        _seenCalls = index + 1;
        return new LinphoneCall(this, call.Groups[2].Value, call.Groups[1].Value, index);
    }

    /// <inheritdoc/>
    public string Logs() => _work.Logs(150);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _work.DisposeAsync();

    /// <summary>Gives one of its console's commands.</summary>
    internal async Task CommandAsync(string command, CancellationToken cancel)
    {
        try
        {
            await _process.WriteLineAsync(command, cancel);
        }
        catch (IOException e)
        {
            throw Failure($"command '{command}': {e.Message}");
        }
    }

    private async Task UseFilesAsync(CancellationToken cancel)
    {
        await CommandAsync("soundcard use files", cancel);
        await CommandAsync($"play {_work.PathOf("tone.wav")}", cancel);
        await CommandAsync($"record {_work.PathOf(HeardFile)}", cancel);      // now: while it rings this command hangs it; each call is appended
    }

    /// <summary>How much it has printed: a mark for "after this".</summary>
    internal int Mark => _process.Output.Count;

    /// <summary>Waits for a line of its output.</summary>
    internal async Task<(Match Line, int Index)> NextAsync(Regex wanted, int from, string failure, CancellationToken cancel)
    {
        (string Entry, int Index) got = await _process.Output.WaitAsync(wanted.IsMatch, from, Patience, cancel) ?? throw Failure(failure);
        return (wanted.Match(got.Entry), got.Index);
    }

    internal PhoneException Failure(string what) => new($"linphone {_account.User}: {what}{Environment.NewLine}{Logs()}");

    // It records at the rate of the codec that it talks by, which only its log tells while it does.
    private int CodecRate() => _process.Output.Snapshot().Select(line => Codec().Match(line)).LastOrDefault(match => match.Success) is { } codec
        ? int.Parse(codec.Groups[1].Value, CultureInfo.InvariantCulture)
        : 0;

    private async Task<string> RegistrationAsync(CancellationToken cancel) =>
        (await NextAsync(Registration(), 0, "no answer to its registration", cancel)).Line.Groups[1].Value;

    private static string Settings(PhoneAccount account, IPAddress address, Uri? provisioning)
    {
        if (account.Codecs.Count > 0) throw new ArgumentException("linphone takes its own order of codecs", nameof(account));
        string transport = account.Transport switch
        {
            SipTransport.Udp => "udp",
            SipTransport.Tcp => "tcp",
            SipTransport.Tls => "tls",
            _ => throw new ArgumentException($"linphone does not speak {account.Transport}", nameof(account)),
        };
        string server = string.Create(CultureInfo.InvariantCulture, $"sip:{account.Server}{(account.Port == 0 ? "" : $":{account.Port}")};transport={transport}");
        int Port(SipTransport of) => of == account.Transport ? -1 : 0;                    // -1: any, 0: none
        List<string> lines =
        [
            // The machine may have no default route, which linphone takes for having no network.
            "[sip]", "auto_net_state_mon=0", "register_only_when_network_is_up=0", $"bind_address={address}", "guess_hostname=0", "use_ipv6=0",
            $"sip_port={Port(SipTransport.Udp)}", $"sip_tcp_port={Port(SipTransport.Tcp)}", $"sip_tls_port={Port(SipTransport.Tls)}",
            "default_proxy=0", "verify_server_certs=1", "verify_server_cn=1",
            $"media_encryption={(account.Encryption == PhoneEncryption.Never ? "none" : "srtp")}",
            $"media_encryption_mandatory={(account.Encryption == PhoneEncryption.Required ? 1 : 0)}",
            account.CaFile is null ? "" : $"root_ca={account.CaFile}",
            "[rtp]", "audio_rtp_port=0",
            "[sound]", "echocancellation=0",
            provisioning is null ? "" : $"[misc]\nconfig-uri={provisioning}",
        ];
        if (provisioning is null)
        {
            lines.AddRange([
            "[proxy_0]", $"reg_proxy=<{server}>", $"reg_route=<{server};lr>", $"reg_identity=<sip:{account.User}@{account.Domain}>",
            $"reg_expires={account.ExpiresSeconds}", "reg_sendregister=1", "publish=0",
            "[auth_info_0]", $"username={account.User}", $"passwd={account.Password}",
            ]);
        }
        return string.Join('\n', lines) + "\n";
    }

    [GeneratedRegex(@"moving from state \[\w+\] to \[LinphoneRegistration(Ok|Failed)\]")]
    private static partial Regex Registration();

    [GeneratedRegex(@"payload type \d+ (?!telephone-event|G722)\w+/(\d+).* added to frozen list")]
    private static partial Regex Codec();

    [GeneratedRegex(@"Establishing call id to (.+), assigned id (\d+)")]
    private static partial Regex Outgoing();

    [GeneratedRegex(@"Receiving new incoming call from (.+), assigned id (\d+)")]
    private static partial Regex Incoming();
}
