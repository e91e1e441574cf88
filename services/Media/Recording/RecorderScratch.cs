namespace CloudPbx.Media.Recording;

/// <summary>Room for one step of a recording: a decoded packet, a block in clear and sealed. Recordings are written one after another, so they share it.</summary>
/// <remarks>The recorder thread's. Allocates when a larger block than before is first written.</remarks>
internal sealed class RecorderScratch
{
    /// <summary>Samples of the longest packet that is decoded.</summary>
    public const int Samples = 4096;

    private const int Pieces = 480;

    private short[] _resampled = [];
    private byte[] _clear = [], _sealed = [];

    /// <summary>For what a codec makes of a packet.</summary>
    public short[] Decoded { get; } = new short[Samples];

    /// <summary>For what is made up for a gap, piece by piece.</summary>
    public short[] Made { get; } = new short[Pieces];

    /// <summary>For what was decoded, at another rate.</summary>
    public Span<short> Resampled(int samples)
    {
        if (_resampled.Length < samples)
            _resampled = new short[samples];
        return _resampled.AsSpan(0, samples);
    }

    /// <summary>For a block's samples in clear: what was in it is overwritten by the next block, and by <see cref="Forget"/>.</summary>
    public Span<byte> Clear(int octets)
    {
        if (_clear.Length < octets)
            _clear = new byte[octets];
        return _clear.AsSpan(0, octets);
    }

    /// <summary>For a block as it is written.</summary>
    public Span<byte> Sealed(int octets)
    {
        if (_sealed.Length < octets)
            _sealed = new byte[octets];
        return _sealed.AsSpan(0, octets);
    }

    /// <summary>A recording has ended: nothing of what was said in it stays here.</summary>
    public void Forget()
    {
        Decoded.AsSpan().Clear();
        Made.AsSpan().Clear();
        _resampled.AsSpan().Clear();
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(_clear);
    }
}
