namespace CloudPbx.Media.Relay;

/// <summary>
/// Which of the last 64 packets of a source were seen. A packet that comes twice is not passed on: an SRTP sender must never use a number
/// twice, and receivers gain nothing.
/// </summary>
internal struct SeenWindow
{
    private const int Length = 64;

    private uint _highest;
    private ulong _seen;

    /// <summary>Notes a packet.</summary>
    /// <param name="extended">Its extended sequence number.</param>
    /// <returns>False when it was seen before, or is too old to tell.</returns>
    public bool Add(uint extended)
    {
        if (_seen == 0)
        {
            (_highest, _seen) = (extended, 1);
            return true;
        }
        int ahead = unchecked((int)(extended - _highest));
        if (ahead > 0)
        {
            _seen = ahead < Length ? (_seen << ahead) | 1 : 1;
            _highest = extended;
            return true;
        }
        if (ahead <= -Length || (_seen & (1UL << -ahead)) != 0)
            return false;
        _seen |= 1UL << -ahead;
        return true;
    }

    /// <summary>Whether a packet has come, or is too old to tell.</summary>
    /// <param name="extended">Its extended sequence number.</param>
    public readonly bool Has(uint extended)
    {
        int behind = unchecked((int)(_highest - extended));
        return behind >= Length || (behind >= 0 && (_seen & (1UL << behind)) != 0);
    }
}
