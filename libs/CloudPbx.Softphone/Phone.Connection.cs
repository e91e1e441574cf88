using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Softphone;

// The phone's one connection, or its UDP socket.
public sealed partial class Phone : IStreamFlowReceiver
{
    private UdpTransport? _udp;
    private StreamFlow? _stream;
    private volatile Flow? _flow;
    private volatile Exception? _fault;

    private SipScheme Scheme => Options.Transport is SipTransport.Tls or SipTransport.Wss ? SipScheme.Sips : SipScheme.Sip;

    private NameAddress Identity => new(new SipUri(Scheme, Options.User, Options.Domain), Options.DisplayName);

    private NameAddress Contact
    {
        get
        {
            IPEndPoint local = (_flow ?? throw new InvalidOperationException("The phone has no connection.")).Local;
            string host = local.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{local.Address}]" : local.Address.ToString();
            var uri = new SipUri(Scheme, Options.User, host, local.Port);
            if (Options.Transport is SipTransport.Tcp or SipTransport.Tls) uri = uri.WithParameter("transport", "tcp");
            return new NameAddress(uri, null, Options.ContactParameters);
        }
    }

    private async Task ConnectAsync(CancellationToken cancel)
    {
        IPAddress local = Options.LocalAddress ?? AddressTowards(Options.Server);
        switch (Options.Transport)
        {
            case SipTransport.Udp:
                _udp = new UdpTransport(new IPEndPoint(local, 0), ReceiveDatagram);
                _udp.Start();
                _flow = Trace(new UdpFlow(_udp, Options.Server));
                break;
            case SipTransport.Tcp or SipTransport.Tls:
                SslClientAuthenticationOptions? tls = Options.Transport == SipTransport.Tls ? TlsOptions() : null;
                _stream = await StreamFlow.ConnectAsync(Options.Server, tls, this, cancel).ConfigureAwait(false);
                _flow = Trace(_stream);
                break;
            default:
                throw new NotSupportedException($"The softphone does not speak {Options.Transport}.");
        }
    }

    private async Task DisconnectAsync()
    {
        _udp?.Dispose();
        if (_stream is not null) await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private TracingFlow Trace(Flow flow) => new(flow, message => Traced?.Invoke(TracedMessage.Of(_time.GetLocalNow(), true, message)));

    private SslClientAuthenticationOptions TlsOptions()
    {
        var options = new SslClientAuthenticationOptions { TargetHost = Options.TlsName ?? Options.Domain };
        if (Options.TrustedAuthorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }
        return options;
    }

    void IStreamFlowReceiver.Receive(StreamFlow flow, ReadOnlySpan<byte> message) => Receive(message);

    void IStreamFlowReceiver.Ended(StreamFlow flow)
    {
        // The next request finds the flow broken; a phone that wants to come back is started anew.
    }

    private void ReceiveDatagram(UdpTransport transport, ReadOnlySpan<byte> datagram, in InternetEndPoint remote) => Receive(datagram);

    private void Receive(ReadOnlySpan<byte> octets)
    {
        if (SipMessage.TryParse(octets, out SipMessage? message) != SipParseError.None || message is null) return;
        _factory.StartNew(() => Take(message)).ContinueWith(failed => _fault = failed.Exception, TaskContinuationOptions.OnlyOnFaulted);
    }

    private void Take(SipMessage message)
    {
        if (_flow is not { } flow) return;
        Traced?.Invoke(TracedMessage.Of(_time.GetLocalNow(), false, message));
        _layer.Receive(message, flow);
    }

    /// <summary>The address that the system would send from.</summary>
    private static IPAddress AddressTowards(IPEndPoint server)
    {
        using var probe = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        probe.Connect(server);
        return ((IPEndPoint)probe.LocalEndPoint!).Address;
    }
}
