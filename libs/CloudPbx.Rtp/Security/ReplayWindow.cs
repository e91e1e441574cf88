namespace CloudPbx.Rtp.Security;

/// <summary>The last 128 indices up to the highest one (RFC 3711 §3.3.2 asks for at least 64).</summary>
internal struct ReplayWindow
{
    private const int Size = 128;
    private UInt128 _seen;              // bit n: Highest − n was seen

    public ulong Highest { get; private set; }

    public readonly bool HasAny => _seen != UInt128.Zero;

    public readonly bool IsReplay(ulong index)
    {
        if (!HasAny || index > Highest)
            return false;
        ulong behind = Highest - index;
        return behind >= Size || ((_seen >> (int)behind) & UInt128.One) != UInt128.Zero;
    }

    public void Accept(ulong index)
    {
        if (!HasAny || index > Highest)
        {
            ulong ahead = index - Highest;
            _seen = !HasAny || ahead >= Size ? UInt128.One : (_seen << (int)ahead) | UInt128.One;
            Highest = index;
        }
        else
        {
            _seen |= UInt128.One << (int)(Highest - index);
        }
    }
}
