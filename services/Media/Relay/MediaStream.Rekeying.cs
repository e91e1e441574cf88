using CloudPbx.Rtp.Security;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Relay;

/// <summary>
/// A new key of the peer's. It encrypts by it only once it knows that we have it: our answer is on its way for a while, on UDP also twice. So what comes under
/// the former key is taken for some seconds more, and nobody hears a gap.
/// </summary>
internal sealed partial class MediaStream
{
    private const long FormerKeyMicroseconds = 5_000_000;            // longer than an answer is sent again for (RFC 3261 §13.3.1.4: after 0.5, 1, 2 s)

    private SrtpContext? _formerReceiveCrypto;
    private long _formerKeyEnds;

    private void RekeyReceiving(CryptoAttribute key, long now)
    {
        if (Replace(ref _receiveCrypto, ref _receiveKey, key) is not { } former)
            return;
        DropFormerKey();
        (_formerReceiveCrypto, _formerKeyEnds) = (former, now + FormerKeyMicroseconds);
    }

    /// <summary>Takes a packet that the key in force has refused. A refused packet is as it came.</summary>
    private bool IsUnderFormerKey(Span<byte> datagram, long now, out int length)
    {
        length = 0;
        return _formerReceiveCrypto is { } former && now < _formerKeyEnds && former.UnprotectRtp(datagram, out length) == SrtpError.None;
    }

    private void ForgetFormerKey(long now)
    {
        if (_formerReceiveCrypto is not null && now >= _formerKeyEnds)
            DropFormerKey();
    }

    private void DropFormerKey()
    {
        _formerReceiveCrypto?.Dispose();
        _formerReceiveCrypto = null;
    }
}
