using CloudPbx.Edge.Listeners;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Edge.Dispatch;

/// <summary>Writes and verifies flow tokens, and signs each only once in a while: a peer's last one is kept, as what this edge has signed or verified itself.</summary>
/// <remarks>Thread-safe; never allocates. A table of fixed size: a flood from many addresses costs their signatures, no memory (S12).</remarks>
internal sealed class FlowTokens(EdgeIdentity identity, OpenFlows flows)
{
    private const int Slots = 4096;
    private const int LongestKept = 120;

    private readonly Slot[] _slots = new Slot[Slots];

    /// <summary>Writes the token of the flow that a message came in on.</summary>
    /// <param name="peer">The flow.</param>
    /// <param name="scratch">At least <see cref="FlowToken.MaxLength"/> octets.</param>
    public ReadOnlySpan<byte> Write(in Peer peer, Span<byte> scratch)
    {
        if (peer.Connection is { } connection)
            return connection.Token;
        InternetEndPoint remote = peer.Remote;
        ref Slot slot = ref SlotOf(remote, peer.Listener);
        if (slot.TryRead(remote, peer.Listener, scratch, out int length))
            return scratch[..length];
        ReadOnlySpan<byte> text = peer.SignToken(identity, scratch);
        slot.TryKeep(remote, peer.Listener, text);
        return text;
    }

    /// <summary>Reads a token that a worker names, if it is true.</summary>
    /// <param name="text">The base64url text.</param>
    /// <param name="scratch">At least 256 octets, which must live as long as the token.</param>
    /// <param name="token">The flow.</param>
    /// <returns>False when the text is no token, or another key signed it.</returns>
    public bool TryRead(ReadOnlySpan<byte> text, Span<byte> scratch, out FlowTokenView token)
    {
        if (!FlowTokenView.TryRead(text, null, scratch, out token))
            return false;
        if (token.Transport != SipTransport.Udp)
            return flows.IsTokenOf(token.ConnectionId, text) || FlowTokenView.TryRead(text, identity.Key, scratch, out token);
        ref Slot slot = ref SlotOf(token.Remote, token.Listener);
        Span<byte> known = stackalloc byte[LongestKept];
        if (slot.TryRead(token.Remote, token.Listener, known, out int length) && text.SequenceEqual(known[..length]))
            return true;
        if (!FlowTokenView.TryRead(text, identity.Key, scratch, out token))
            return false;
        if (token.EdgeId == identity.Id)
            slot.TryKeep(token.Remote, token.Listener, text);
        return true;
    }

    private ref Slot SlotOf(in InternetEndPoint remote, byte listener) => ref _slots[(uint)HashCode.Combine(remote, listener) % Slots];

    /// <summary>One peer's token. Whoever finds it in use goes without.</summary>
    private struct Slot
    {
        private int _busy;
        private InternetEndPoint _remote;
        private byte _listener;
        private byte _length;
        private Text _text;

        public bool TryRead(in InternetEndPoint remote, byte listener, Span<byte> destination, out int length)
        {
            length = 0;
            if (Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
                return false;
            if (_length > 0 && _listener == listener && _remote == remote)
            {
                length = _length;
                ((ReadOnlySpan<byte>)_text)[..length].CopyTo(destination);
            }
            Volatile.Write(ref _busy, 0);
            return length > 0;
        }

        public void TryKeep(in InternetEndPoint remote, byte listener, ReadOnlySpan<byte> text)
        {
            if (text.Length > LongestKept || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
                return;
            (_remote, _listener, _length) = (remote, listener, (byte)text.Length);
            text.CopyTo(_text);
            Volatile.Write(ref _busy, 0);
        }
    }

    [System.Runtime.CompilerServices.InlineArray(LongestKept)]
    private struct Text
    {
        private byte _first;
    }
}
