using CloudPbx.Rtp.Security;

namespace CloudPbx.Media.Relay;

/// <summary>
/// The key that a peer used before its present one. It encrypts by the present one only once it knows that we have it: our answer is on its way for a while, on UDP also
/// twice, and a handshake that is done here is not yet done there. So what comes under the former key is taken for some seconds more, and nobody hears or sees a gap.
/// </summary>
/// <remarks>On its stream's loop. A packet that it refuses is as it came.</remarks>
internal struct FormerKey
{
    private const long LifeMicroseconds = 5_000_000;            // longer than an answer is sent again for (RFC 3261 §13.3.1.4: after 0.5, 1, 2 s)

    private SrtpContext? _context;
    private long _ends;

    /// <summary>Keeps a key that is out of use now; the one before it goes.</summary>
    /// <param name="context">It; owned from here on. Null: there is none, and what was kept stays.</param>
    /// <param name="now">Microseconds.</param>
    public void Keep(SrtpContext? context, long now)
    {
        if (context is null)
            return;
        _context?.Dispose();
        (_context, _ends) = (context, now + LifeMicroseconds);
    }

    /// <summary>Takes an RTP packet that the key in force has refused.</summary>
    public bool TryUnprotectRtp(Span<byte> datagram, long now, out int length)
    {
        length = 0;
        return IsAlive(now) && _context!.UnprotectRtp(datagram, out length) == SrtpError.None;
    }

    /// <summary>Takes an RTCP packet that the key in force has refused.</summary>
    public bool TryUnprotectRtcp(Span<byte> datagram, long now, out int length)
    {
        length = 0;
        return IsAlive(now) && _context!.UnprotectRtcp(datagram, out length) == SrtpError.None;
    }

    /// <summary>Forgets it once its time is over.</summary>
    public void Tick(long now) => _ = IsAlive(now);

    /// <summary>Forgets it now.</summary>
    public void Drop()
    {
        _context?.Dispose();
        _context = null;
    }

    private bool IsAlive(long now)
    {
        if (_context is null)
            return false;
        if (now < _ends)
            return true;
        Drop();
        return false;
    }
}
