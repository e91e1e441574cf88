using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge;

/// <summary>What an edge listens on, how it is reached, and what it bears.</summary>
public sealed class EdgeOptions : IValidatableObject
{
    /// <summary>A port that the system chooses, the same for UDP and TCP where both ask; <see cref="Listeners.EdgeEndpoints"/> tells which it became.</summary>
    public const int AnyPort = -1;

    /// <summary>Addresses to listen on, each with every port. Empty: all, of IPv4 and IPv6. An IPv6 address binds IPv6 only.</summary>
    /// <remarks>The default is empty, since configuration adds to a list and never replaces it.</remarks>
    public IList<string> Addresses { get; set; } = [];

    /// <summary>SIP over UDP (RFC 3261 §18). 0 is off.</summary>
    [Range(AnyPort, 65535)] public int UdpPort { get; set; } = 5060;

    /// <summary>SIP over TCP. 0 is off.</summary>
    [Range(AnyPort, 65535)] public int TcpPort { get; set; } = 5060;

    /// <summary>SIP over TLS. 0 is off; so is a port for which no certificate is configured.</summary>
    [Range(AnyPort, 65535)] public int TlsPort { get; set; } = 5061;

    /// <summary>Origins of further pages whose phones may connect by WebSocket, for example <c>https://crm.example</c>; pages of our own host always may.</summary>
    public IReadOnlyList<string> WebSocketOrigins { get; set; } = [];

    /// <summary>SIP over WebSocket over TLS (RFC 7118), path <c>/sip</c>. 0 is off; so is a port for which no certificate is configured. All-in-one serves it on its HTTPS port instead.</summary>
    [Range(AnyPort, 65535)] public int WssPort { get; set; }

    /// <summary>Threads (and sockets, by SO_REUSEPORT) that read each UDP port.</summary>
    [Range(1, 64)] public int UdpThreads { get; set; } = 1;

    /// <summary>The default certificate's file: PEM with its chain, or PKCS #12. Read again when it changes.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>The default certificate's key file in PEM; none when the certificate's file holds it too.</summary>
    public string? KeyPath { get; set; }

    /// <summary>More certificates, each for the names that it certifies (SNI, RFC 6066 §3).</summary>
    [ValidateEnumeratedItems] public IList<EdgeCertificateFiles> Certificates { get; set; } = [];

    /// <summary>A folder of more certificates, of tenants' own domains for example: what appears, changes and goes there is taken up by itself. Each is a file <c>NAME.pem</c> or <c>NAME.crt</c> with its key in
    /// <c>NAME.key</c> or in the same file, <c>NAME.pfx</c>, or a folder in it with <c>fullchain.pem</c> and <c>privkey.pem</c>, or <c>tls.crt</c> and <c>tls.key</c>. It need not exist yet.</summary>
    public string? CertificateFolder { get; set; }

    /// <summary>A PEM file with the authorities by which carriers' servers, and the names in carriers' client certificates, are verified, in place of the system's; none: the system's.</summary>
    public string? CarrierAuthoritiesPath { get; set; }

    /// <summary>How long a connection to a carrier, its TLS handshake included, may take to open.</summary>
    public TimeSpan CarrierConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The host that peers outside <see cref="LocalNets"/> reach us at, when that is not an address of an interface: a name, an address for the peers of its family, or several with commas between.</summary>
    public string? PublicAddress { get; set; }

    /// <summary>Networks (CIDR) whose peers reach us at an interface's own address. Empty: the interfaces' networks.</summary>
    public IList<string> LocalNets { get; set; } = [];

    /// <summary>Names of this installation that are no tenant's domain, besides the machine's own name and those in its certificates. A request to one of them is
    /// treated as one to an IP address.</summary>
    public IList<string> HostNames { get; set; } = ["localhost"];

    /// <summary>Messages per second that one source may send for long; 0 is no limit. A source is an IPv4 address or an IPv6 /64.</summary>
    [Range(0, 1_000_000)] public int MessagesPerSecond { get; set; } = 400;

    /// <summary>Messages that one source may send at once.</summary>
    [Range(1, 10_000_000)] public int MessageBurst { get; set; } = 2000;

    /// <summary>Connections in all.</summary>
    [Range(1, 10_000_000)] public int MaxConnections { get; set; } = 50_000;

    /// <summary>Connections of one source.</summary>
    [Range(1, 10_000_000)] public int MaxConnectionsPerSource { get; set; } = 1000;

    /// <summary>At how much of <see cref="MaxConnections"/>, in percent, connections on which nobody authenticated are closed to make room.</summary>
    [Range(1, 100)] public int CrowdedPercent { get; set; } = 80;

    /// <summary>How long a TLS handshake may take.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a new connection may stay without one whole message.</summary>
    public TimeSpan FirstMessageTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection on which nobody authenticated may stay silent, and how long the rest of a message may take.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The most octets of a message's start line and header fields.</summary>
    [Range(1024, 65535)] public int MaxHeaderSection { get; set; } = 65535;

    /// <summary>The most octets of a message's body.</summary>
    [Range(1024, 1 << 20)] public int MaxBody { get; set; } = 65536;

    /// <summary>How long a REGISTER or a request in a dialog waits for a worker before it is dropped.</summary>
    public TimeSpan HoldTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many requests may wait for a worker.</summary>
    [Range(0, 1_000_000)] public int MaxHeld { get; set; } = 10_000;

    /// <summary>The least that a caller hears in Retry-After (RFC 3261 §20.33) when too much comes or no worker is there, in whole seconds; the most is twice that.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary><see cref="PublicAddress"/>, one by one.</summary>
    internal IReadOnlyList<string> PublicHosts() => (PublicAddress ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (string address in Addresses)
        {
            if (!IPAddress.TryParse(address, out _))
                yield return new($"'{address}' is no IP address to listen on.", [nameof(Addresses)]);
        }
        foreach (string network in LocalNets)
        {
            if (!IPNetwork.TryParse(network, out _))
                yield return new($"'{network}' is no network like 192.168.0.0/16.", [nameof(LocalNets)]);
        }
        foreach (string host in PublicHosts())
        {
            if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
                yield return new($"'{host}' is neither an address nor a host name.", [nameof(PublicAddress)]);
        }
        if (CarrierAuthoritiesPath is { } authorities && !File.Exists(authorities))
            yield return new($"'{authorities}' is no file.", [nameof(CarrierAuthoritiesPath)]);
        if (CertificatePath is null && KeyPath is not null)
            yield return new("KeyPath needs CertificatePath.", [nameof(KeyPath)]);
    }
}

/// <summary>The files of one certificate.</summary>
public sealed class EdgeCertificateFiles
{
    /// <inheritdoc cref="EdgeOptions.CertificatePath"/>
    [Required] public string CertificatePath { get; set; } = "";

    /// <inheritdoc cref="EdgeOptions.KeyPath"/>
    public string? KeyPath { get; set; }
}

[OptionsValidator]
internal sealed partial class EdgeOptionsValidator : IValidateOptions<EdgeOptions>;
