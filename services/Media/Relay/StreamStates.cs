using System.Runtime.InteropServices;

namespace CloudPbx.Media.Relay;

/// <summary>The states of a loop's streams, side by side and outside of the managed heap: what lies on few pages is found by the processor without looking them up.</summary>
/// <remarks>The loop's own. Memory that no stream has had yet costs nothing.</remarks>
internal sealed unsafe class StreamStates : IDisposable
{
    private const int Line = 64;

    private readonly Stack<int> _free = new();
    private readonly byte* _memory;
    private readonly StreamState* _states;
    private readonly int _capacity;
    private int _used = 1;

    /// <summary>Makes room.</summary>
    /// <param name="capacity">Streams at a time, at most.</param>
    public StreamStates(int capacity)
    {
        _capacity = capacity + 1;
        Stride = (sizeof(StreamState) + Line - 1) / Line * Line;
        _memory = (byte*)NativeMemory.AllocZeroed(((nuint)_capacity * (nuint)Stride) + Line);        // to begin with a line
        _states = (StreamState*)(((nuint)_memory + Line - 1) / Line * Line);
        Nobodys->Socket = int.MinValue;             // no handle of any socket
    }

    private int Stride { get; }

    /// <summary>Belongs to all streams that have ended: what they would still note is lost in it.</summary>
    public StreamState* Nobodys => _states;

    /// <summary>A state by its number.</summary>
    public StreamState* this[int number] => (StreamState*)((byte*)_states + ((nint)number * Stride));

    /// <summary>Behind the highest number that was ever given away.</summary>
    public int End => _used;

    /// <summary>Gives an empty state away.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="InvalidOperationException">There are more streams than were foreseen.</exception>
    public int Take()
    {
        if (_free.TryPop(out int number))
            return number;
        return _used < _capacity ? _used++ : throw new InvalidOperationException("A loop has more streams than ports.");
    }

    /// <summary>Takes one back; nobody may refer to it any more.</summary>
    public void Free(int number)
    {
        *this[number] = default;
        _free.Push(number);
    }

    public void Dispose() => NativeMemory.Free(_memory);
}
