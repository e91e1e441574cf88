using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Proxying;

/// <summary>A carrier's server as an edge is to reach it: what a connection is kept by. Two of the same address and another name are two (S19, CVE-2020-15260).</summary>
/// <param name="Remote">The address and the port.</param>
/// <param name="Transport">UDP, TCP or TLS.</param>
public sealed record FlowTarget(IPEndPoint Remote, SipTransport Transport)
{
    /// <summary>The name that the server's certificate must bear (RFC 5922); <see langword="null"/> for UDP and TCP.</summary>
    public string? ServerName { get; init; }

    /// <summary>Whether the certificate must be good and bear the name.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>The name of the certificate of ours that is shown, or <see langword="null"/>.</summary>
    public string? Certificate { get; init; }

    /// <summary>The host that stands in our Via and Contact; <see langword="null"/>: the edge's address as this peer reaches it.</summary>
    public string? AdvertisedHost { get; init; }

    /// <summary>The target as the Request-URI of a <see cref="FlowRequest"/>.</summary>
    public SipUri ToUri()
    {
        string host = Remote.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Remote.Address}]" : Remote.Address.ToString();
        SipParameters parameters = SipParameters.EmptyUri.With("transport", Transport switch
        {
            SipTransport.Udp => "udp",
            SipTransport.Tcp => "tcp",
            SipTransport.Tls => "tls",
            _ => throw new InvalidOperationException("No edge opens a WebSocket."),
        });
        parameters = With(parameters, "name", ServerName);
        parameters = With(parameters, "certificate", Certificate);
        parameters = With(parameters, "advertise", AdvertisedHost);
        if (!Verify)
            parameters = parameters.With("unverified");
        return new SipUri(SipScheme.Sip, null, host, Remote.Port, parameters);
    }

    /// <summary>Reads a target.</summary>
    /// <returns>False when the URI names none.</returns>
    public static bool TryRead(SipUri uri, [NotNullWhen(true)] out FlowTarget? target)
    {
        ArgumentNullException.ThrowIfNull(uri);
        target = null;
        SipTransport? transport = uri.Parameters["transport"] switch { "udp" => SipTransport.Udp, "tcp" => SipTransport.Tcp, "tls" => SipTransport.Tls, _ => null };
        if (transport is not { } known || uri.Port is not (> 0 and < 65536 and int port) || !IPAddress.TryParse(uri.Host, out IPAddress? address)
            || (known == SipTransport.Tls && uri.Parameters["name"] is null))
            return false;
        target = new FlowTarget(new IPEndPoint(address, port), known)
        {
            ServerName = uri.Parameters["name"],
            Certificate = uri.Parameters["certificate"],
            AdvertisedHost = uri.Parameters["advertise"],
            Verify = !uri.Parameters.Has("unverified"),
        };
        return true;
    }

    private static SipParameters With(SipParameters parameters, string name, string? value) => value is null ? parameters : parameters.With(name, value);
}
