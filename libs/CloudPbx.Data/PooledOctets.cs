using System.Buffers;

namespace CloudPbx.Data;

/// <summary>Octets written into an array of the shared pool: a batch of facts or snapshots is too long for the young generation, and comes many times a second.</summary>
/// <remarks>Owns its array until <see cref="Dispose"/>. Not thread-safe.</remarks>
public sealed class PooledOctets : IBufferWriter<byte>, IDisposable
{
    private byte[] _array = ArrayPool<byte>.Shared.Rent(4096);
    private int _written;

    /// <summary>What was written, until this is disposed of.</summary>
    public ReadOnlyMemory<byte> Written => _array.AsMemory(0, _written);

    /// <inheritdoc/>
    public void Advance(int count) => _written += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(_written);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(_written);
    }

    /// <summary>Begins anew in the same array.</summary>
    public void Clear() => _written = 0;

    /// <summary>Gives the array back; doing it twice does no harm.</summary>
    public void Dispose()
    {
        byte[] array = _array;
        (_array, _written) = ([], 0);
        if (array.Length > 0)
            ArrayPool<byte>.Shared.Return(array);
    }

    private void Reserve(int size)
    {
        size = Math.Max(size, 1);
        if (_array.Length - _written >= size)
            return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_array.Length * 2, _written + size));
        _array.AsSpan(0, _written).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
