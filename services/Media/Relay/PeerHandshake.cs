using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Security.Dtls;

namespace CloudPbx.Media.Relay;

/// <summary>
/// A DTLS association with whoever may be the peer. Where we are the server a handshake that fails, or that nobody finishes, gives its place to the next ClientHello
/// (SECURITY.md S16, CVE-2023-49786), so often and no more: who sprays them costs us little.
/// </summary>
/// <remarks>On its stream's loop, which owns it.</remarks>
/// <param name="settings">What was agreed on.</param>
/// <param name="from">Whom it is with; none: with whom the stream says.</param>
internal sealed class PeerHandshake(HandshakeSettings settings, UdpAddress from = default) : IDisposable
{
    // A client repeats its ClientHello after 1, 3, 7 and 15 s (RFC 6347 §4.2.4.1); a handshake with some loss is done by then.
    private const long PatienceMicroseconds = 10_000_000;

    private HandshakePace _pace;
    private long? _begun;

    /// <summary>The association.</summary>
    public DtlsAssociation Association { get; } = new(settings.Certificate, settings.Peer.WeAreClient, settings.Peer.HashFunction, settings.Peer.Fingerprint);

    /// <summary>Whom it is with; none: with whom the stream says.</summary>
    public UdpAddress From { get; } = from;

    /// <summary>How far it is.</summary>
    public DtlsState State => Association.State;

    /// <summary>Takes a datagram of the peer. Then take what is to be sent, and look at <see cref="State"/>.</summary>
    /// <param name="datagram">It.</param>
    /// <param name="now">Microseconds.</param>
    /// <returns>Whether it was looked at.</returns>
    public bool Receive(ReadOnlySpan<byte> datagram, long now)
    {
        if (DtlsAssociation.IsClientHello(datagram))
        {
            if (IsOver(now))
            {
                if (!_pace.TryTake(now) || !Association.BeginAgain())
                    return false;
                _begun = now;
            }
            _begun ??= now;
        }
        else if (State == DtlsState.Failed)
            return false;
        Association.Receive(datagram);
        return true;
    }

    /// <summary>Whether it has failed, or whoever began it does not go on.</summary>
    /// <param name="now">Microseconds.</param>
    public bool IsOver(long now) => State == DtlsState.Failed || (State == DtlsState.Handshaking && now - _begun > PatienceMicroseconds);

    /// <inheritdoc/>
    public void Dispose() => Association.Dispose();
}

/// <summary>How often handshakes may begin: some at once, then a few in a second.</summary>
internal struct HandshakePace
{
    private const int Burst = 8;
    private const long StepMicroseconds = 250_000;

    private long? _full;            // when all of them may begin at once again

    /// <summary>Asks for one.</summary>
    /// <param name="now">Microseconds.</param>
    public bool TryTake(long now)
    {
        long full = Math.Max(_full ?? now, now);
        if (full - now > (Burst - 1) * StepMicroseconds)
            return false;
        _full = full + StepMicroseconds;
        return true;
    }
}
