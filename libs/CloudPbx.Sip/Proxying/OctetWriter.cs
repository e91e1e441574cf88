using System.Globalization;

namespace CloudPbx.Sip.Proxying;

/// <summary>Appends octets to a fixed buffer. What does not fit sets <see cref="Overflowed"/>; nothing throws, nothing is allocated.</summary>
internal ref struct OctetWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;
    private int _length = 0;

    /// <summary>Whether something did not fit: the result is of no use.</summary>
    public bool Overflowed { get; private set; } = false;

    /// <summary>The octets written, or 0 after an overflow.</summary>
    public readonly int Length => Overflowed ? 0 : _length;

    /// <summary>What is left of the buffer, to be written by somebody else and then taken by <see cref="Advance"/>.</summary>
    public readonly Span<byte> Free => _destination[_length..];

    public void Advance(int octets) => _length += octets;

    public void Write(scoped ReadOnlySpan<byte> octets)
    {
        if (Overflowed || !octets.TryCopyTo(_destination[_length..]))
            Overflowed = true;
        else
            _length += octets.Length;
    }

    public void Write(int number)
    {
        if (Overflowed || !number.TryFormat(_destination[_length..], out int written, default, CultureInfo.InvariantCulture))
            Overflowed = true;
        else
            _length += written;
    }

    public void WriteHexadecimal(uint number)
    {
        if (Overflowed || !number.TryFormat(_destination[_length..], out int written, "x8", CultureInfo.InvariantCulture))
            Overflowed = true;
        else
            _length += written;
    }

    public void Write(Guid id)
    {
        if (Overflowed || !id.TryFormat(_destination[_length..], out int written, "N"))
            Overflowed = true;
        else
            _length += written;
    }

    /// <summary>A host as it stands in a URI or Via: an IPv6 address gets its brackets.</summary>
    public void WriteHost(scoped ReadOnlySpan<byte> host)
    {
        bool bare = host.Contains((byte)':') && host[0] != (byte)'[';
        if (bare)
            Write("["u8);
        Write(host);
        if (bare)
            Write("]"u8);
    }
}
