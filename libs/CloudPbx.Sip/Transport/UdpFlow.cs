using System.Buffers;
using System.Net;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Transport;

/// <summary>A flow over a UDP socket of ours to one peer: what the softphone uses, and what talks to a peer without an edge.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class UdpFlow : Flow
{
    [ThreadStatic] private static ArrayBufferWriter<byte>? s_scratch;

    private readonly UdpTransport _transport;
    private readonly InternetEndPoint _target;

    /// <summary>Makes the flow.</summary>
    /// <param name="transport">The socket; not owned.</param>
    /// <param name="remote">The peer.</param>
    /// <param name="local">Our address as the peer reaches it, where the socket is bound to every address; null for the socket's own.</param>
    public UdpFlow(UdpTransport transport, IPEndPoint remote, IPEndPoint? local = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        _transport = transport;
        _target = InternetEndPoint.From(remote);
        Remote = remote;
        Local = local ?? transport.Local;
    }

    /// <inheritdoc/>
    public override SipTransport Transport => SipTransport.Udp;

    /// <inheritdoc/>
    public override IPEndPoint Remote { get; }

    /// <inheritdoc/>
    public override IPEndPoint Local { get; }

    /// <inheritdoc/>
    public override bool TrySend(SipMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArrayBufferWriter<byte> scratch = s_scratch ??= new ArrayBufferWriter<byte>(4096);
        scratch.ResetWrittenCount();
        message.WriteTo(scratch);
        return _transport.TrySend(scratch.WrittenSpan, _target);
    }
}
