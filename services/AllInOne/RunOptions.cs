using System.Net;
using System.Net.Sockets;
using CloudPbx.AllInOne.Certificates;

namespace CloudPbx.AllInOne;

/// <summary>What <c>cloudpbx run</c> was asked for. Port 0 takes any free port.</summary>
internal sealed record RunOptions
{
    public const string DefaultDomain = "demo.localhost";
    public const int DefaultSipPort = 5060;
    public const int DefaultTlsPort = 5061;
    public const int DefaultHttpsPort = 8443;

    /// <summary>The data folder.</summary>
    public string Data { get; init; } = "data";

    /// <summary>Local addresses to listen on; empty means all.</summary>
    public IReadOnlyList<IPAddress> Bind { get; init; } = [];

    /// <summary>SIP over UDP and TCP.</summary>
    public int SipPort { get; init; } = DefaultSipPort;

    /// <summary>SIP over TLS.</summary>
    public int TlsPort { get; init; } = DefaultTlsPort;

    /// <summary>REST API, sign-in, portal.</summary>
    public int HttpsPort { get; init; } = DefaultHttpsPort;

    /// <summary>The address that browsers and programs know it by; <see langword="null"/>: this machine's own name for itself, with <see cref="HttpsPort"/>.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Health and metrics without TLS; <see langword="null"/> for the Unix socket only.</summary>
    public IPEndPoint? Management { get; init; }

    /// <summary>First and last RTP port.</summary>
    public PortRange MediaPorts { get; init; } = new(20000, 29999);

    /// <summary>The demo tenant's domain.</summary>
    public string Domain { get; init; } = DefaultDomain;

    /// <summary>Whether the first start creates the demo tenant.</summary>
    public bool Demo { get; init; } = true;

    /// <summary>Whether the new installation is filled with invented companies.</summary>
    public bool Sample { get; init; }

    /// <summary>The addresses that phones outside the local networks reach this machine by: at most one of each family.</summary>
    public IReadOnlyList<IPAddress> PublicAddresses { get; init; } = [];

    /// <summary>Networks whose phones are given the local address; empty means those of the interfaces.</summary>
    public IReadOnlyList<IPNetwork> LocalNets { get; init; } = [];

    /// <summary>PEM file with the operator's certificate and chain; <see langword="null"/> to use the own authority.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file with the private key to <see cref="Certificate"/>.</summary>
    public string? Key { get; init; }

    /// <summary>The least level that is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Warning;

    /// <summary>The domain below which companies that sign up get theirs: the demo tenant's without its first label.</summary>
    public string SignUpDomain() => Domain.StartsWith("demo.", StringComparison.Ordinal) ? Domain["demo.".Length..] : Domain;

    /// <summary>Name or address by which phones reach this machine: where the records of tenants' domains lead.</summary>
    public string SipHost() => (PublicAddresses is [var first, ..] ? first.ToString() : PublicUrl?.Host)
        ?? ServerNames.OfThisMachine([], []).Addresses.FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))?.ToString() ?? "127.0.0.1";

    /// <summary>The local addresses of media, as the media node reads them: of each family that is listened on the one address, or all where several are; null: all.</summary>
    public string? MediaBind() => Bind.Count == 0 ? null : string.Join(',', Bind.GroupBy(address => address.AddressFamily)
        .Select(family => family.Count() == 1 ? family.First() : family.Key == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any));

    /// <summary><see cref="PublicAddresses"/> as the media node and the edge read them; null: none.</summary>
    public string? PublicAddressSetting() => PublicAddresses.Count == 0 ? null : string.Join(',', PublicAddresses);

    /// <summary>The address that tokens and links name; the port must be known by now.</summary>
    public string PublicAt() => PublicUrl?.GetLeftPart(UriPartial.Authority) ?? $"https://localhost:{HttpsPort}";
}

/// <summary>Ports from the first to the last, both included.</summary>
internal readonly record struct PortRange(int First, int Last)
{
    /// <inheritdoc/>
    public override string ToString() => $"{First}-{Last}";
}
