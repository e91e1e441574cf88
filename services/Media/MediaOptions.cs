using System.ComponentModel.DataAnnotations;
using System.Net;
using CloudPbx.MediaControl;
using CloudPbx.Net.Sockets;
using Microsoft.Extensions.Options;

namespace CloudPbx.Media;

/// <summary>Settings of a media node, section <c>Media</c>. All defaults are here.</summary>
public sealed class MediaOptions : IValidatableObject
{
    /// <summary>Where controllers connect: <c>unix:/path/to/socket</c> or <c>tcp://ADDRESS:PORT</c> (without TLS; port 0 takes a free one).</summary>
    [Required] public string Control { get; set; } = "tcp://127.0.0.1:7600";

    /// <summary>
    /// Where controllers connect by gRPC as well: <c>http://ADDRESS:PORT</c> (HTTP/2 in clear) or <c>https://ADDRESS:PORT</c>; port 0 takes a free one; empty: nowhere. Whoever reaches it
    /// commands the node, unless <see cref="GrpcAuthoritiesPath"/> says who may.
    /// </summary>
    public string? Grpc { get; set; }

    /// <summary>The file of the certificate for <c>https://</c>: PEM with its chain, or PKCS #12. Read again when it changes.</summary>
    public string? GrpcCertificatePath { get; set; }

    /// <summary>Its key file in PEM; none when the certificate's file holds it too.</summary>
    public string? GrpcKeyPath { get; set; }

    /// <summary>PEM file of the authorities one of which must have signed a client's certificate; null: clients need none.</summary>
    public string? GrpcAuthoritiesPath { get; set; }

    /// <summary>What workers are told to dial instead of <see cref="Control"/>, where the two differ (a pod's address) or they are to come by gRPC; null: the same.</summary>
    public string? Advertise { get; set; }

    /// <summary>How long a node that announces itself waits for its sessions when it is told to stop, in seconds; no call begins there meanwhile.</summary>
    [Range(0, 86400)] public int DrainSeconds { get; set; } = 20;

    /// <summary>
    /// The local address of the RTP sockets, or one of each family with a comma between; the any-address of a family listens on all of its interfaces. Who says nothing of a family gets
    /// the first one's. Each leg has sockets of one family only (infra/decisions/0020-both-families.md).
    /// </summary>
    [Required] public string Bind { get; set; } = "0.0.0.0,::";

    /// <summary>First RTP port, even; each leg takes it and the next odd one for RTCP (RFC 3550 §11).</summary>
    [Range(1024, 65534)] public int FirstPort { get; set; } = 20000;

    /// <summary>Last RTCP port, odd. Two ports for each leg.</summary>
    [Range(1025, 65535)] public int LastPort { get; set; } = 29999;

    /// <summary>Port pairs that are kept back for calls to emergency numbers (SECURITY.md S36), two for each; a sixteenth of the range at most.</summary>
    [Range(0, 10000)] public int PairsForHelp { get; set; } = 32;

    /// <summary>The address that peers outside our local networks get in SDP, or one of each family with a comma between; null, and for a family without one: the address that faces the peer.</summary>
    public string? PublicAddress { get; set; }

    /// <summary>Networks whose peers get our local address, as ADDRESS/BITS; empty: the networks of the interfaces.</summary>
    public IList<string> LocalNets { get; init; } = [];

    /// <summary>How the loops wait and send: <c>Auto</c> takes io_uring where kernel and container allow it, else epoll; <c>Epoll</c>; <c>IoUring</c>, without which the node does not start.</summary>
    public PacketBackEnd BackEnd { get; set; }

    /// <summary>How far the loops and the mixer go before other threads of the machine; without the right to it (CAP_SYS_NICE, or the limits <c>ulimit -r 1 -e 30</c>) as far as they may.</summary>
    public Urgency Urgency { get; set; } = Urgency.First;

    /// <summary>Packet loops; 0: one for each core.</summary>
    [Range(0, 256)] public int Loops { get; set; }

    /// <summary>Seconds without RTP or RTCP, where some should come, after which a leg is reported silent; 0: never.</summary>
    [Range(0, 86400)] public int SilenceSeconds { get; set; } = 60;

    /// <summary>Seconds that a freed port pair must be quiet before it is used again (SECURITY.md S18).</summary>
    [Range(0, 600)] public int DrainIdleSeconds { get; set; } = 30;

    /// <summary>Seconds after which a freed port pair is used again even if a peer still sends to it.</summary>
    [Range(0, 3600)] public int DrainLimitSeconds { get; set; } = 600;

    /// <summary>Seconds that the sessions of a controller which went away are kept for its return.</summary>
    [Range(1, 3600)] public int RetentionSeconds { get; set; } = 90;

    /// <summary>Reports kept for a controller that is away; older ones are dropped first.</summary>
    [Range(16, 65536)] public int QueuedReports { get; set; } = 4096;

    /// <summary>Where recordings are written, sealed, until the uploader takes them: this node's own disk.</summary>
    [Required] public string RecordingFolder { get; set; } = "data/recordings";

    /// <summary>A folder of WAV files (any rate) that come before the sounds that are built in: <c>en/not-available.wav</c>; null: none.</summary>
    public string? SoundFolder { get; set; }

    /// <summary>Memory for the tenants' own sounds that played last, in MiB: a minute takes 4.</summary>
    [Range(1, 65536)] public int OwnSoundMegabytes { get; set; } = 64;

    /// <summary>The DS field of what is sent: 184 is expedited forwarding (RFC 4594 §4.1).</summary>
    [Range(0, 255)] public int TrafficClass { get; set; } = 184;

    /// <summary><see cref="Bind"/>: one address, or one of each family.</summary>
    internal IReadOnlyList<IPAddress> BindAddresses() => ReadAddresses(Bind) ?? [];

    /// <summary><see cref="PublicAddress"/>: none, one, or one of each family.</summary>
    internal IReadOnlyList<IPAddress> PublicAddresses() => ReadAddresses(PublicAddress) ?? [];

    /// <summary>Whether <see cref="Grpc"/> is <c>https://</c>.</summary>
    internal bool IsGrpcEncrypted => Grpc?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) is true;

    /// <summary>The address and port of <see cref="Grpc"/>; null where it names none.</summary>
    internal IPEndPoint? GrpcEndPoint() =>
        // The port has to be written: a URL's own would be 80 or 443.
        Uri.TryCreate(Grpc, UriKind.Absolute, out Uri? grpc) && NodeUri.IsGrpc(grpc) && grpc.PathAndQuery == "/"
            && IPEndPoint.TryParse(Grpc.AsSpan(grpc.Scheme.Length + 3).TrimEnd('/').ToString().Replace("localhost", "127.0.0.1", StringComparison.OrdinalIgnoreCase), out IPEndPoint? address)
            && Grpc.TrimEnd('/').EndsWith($":{address.Port}", StringComparison.Ordinal) ? address : null;

    /// <summary>Reads addresses with commas between.</summary>
    /// <returns>Null where something else is among them, or two of a family.</returns>
    private static List<IPAddress>? ReadAddresses(string? text)
    {
        List<IPAddress> addresses = [];
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IPAddress.TryParse(part, out IPAddress? address) || addresses.Exists(a => a.AddressFamily == address.AddressFamily))
                return null;
            addresses.Add(address);
        }
        return addresses;
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Advertise is { } advertise && !NodeUri.IsValid(advertise))
            yield return new($"Advertise must be {NodeUri.Forms}.", [nameof(Advertise)]);
        if (!Enum.IsDefined(BackEnd))
            yield return new("BackEnd must be Auto, Epoll or IoUring.", [nameof(BackEnd)]);
        if (!Enum.IsDefined(Urgency))
            yield return new("Urgency must be None, Ahead or First.", [nameof(Urgency)]);
        if (FirstPort % 2 != 0)
            yield return new("FirstPort must be even.", [nameof(FirstPort)]);
        if (LastPort % 2 == 0 || LastPort <= FirstPort)
            yield return new("LastPort must be odd and above FirstPort.", [nameof(LastPort)]);
        if (ReadAddresses(Bind) is not { Count: > 0 })
            yield return new("Bind must be an IP address, or one of each family with a comma between.", [nameof(Bind)]);
        if (ReadAddresses(PublicAddress) is null)
            yield return new("PublicAddress must be an IP address, or one of each family with a comma between.", [nameof(PublicAddress)]);
        if (!string.IsNullOrEmpty(SoundFolder) && !Directory.Exists(SoundFolder))
            yield return new($"SoundFolder: there is no folder {SoundFolder}.", [nameof(SoundFolder)]);
        foreach (string net in LocalNets)
        {
            if (!IPNetwork.TryParse(net, out _))
                yield return new($"LocalNets: {net} is not ADDRESS/BITS.", [nameof(LocalNets)]);
        }
        if (!Uri.TryCreate(Control, UriKind.Absolute, out Uri? control) || control.Scheme is not ("unix" or "tcp") || control is { Scheme: "tcp", Port: < 0 })
            yield return new("Control must be unix:/PATH or tcp://ADDRESS:PORT.", [nameof(Control)]);
        else if (control.Scheme == "tcp" && !IPAddress.TryParse(control.Host.Trim('[', ']'), out _) && control.Host != "localhost")
            yield return new("Control must name an IP address.", [nameof(Control)]);
        if (string.IsNullOrEmpty(Grpc))
            yield break;
        if (GrpcEndPoint() is null)
            yield return new("Grpc must be http://ADDRESS:PORT or https://ADDRESS:PORT with an IP address.", [nameof(Grpc)]);
        else if (IsGrpcEncrypted && string.IsNullOrEmpty(GrpcCertificatePath))
            yield return new("Grpc with https:// needs GrpcCertificatePath.", [nameof(GrpcCertificatePath)]);
        else if (!IsGrpcEncrypted && (GrpcCertificatePath ?? GrpcKeyPath ?? GrpcAuthoritiesPath) is { Length: > 0 })
            yield return new("GrpcCertificatePath, GrpcKeyPath and GrpcAuthoritiesPath are for https://; Grpc is http://.", [nameof(Grpc)]);
    }
}

[OptionsValidator]
internal sealed partial class MediaOptionsValidator : IValidateOptions<MediaOptions>;
