using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace CloudPbx.Net.Memory;

/// <summary>Asks the processor for memory before it is read, so that thousands of objects that are used in turn, and fit no cache, are not waited for one line after the other.</summary>
/// <remarks>Hints: they change nothing, never fault, and are nothing at all where the processor has no such instruction. Allocation-free; for any thread.</remarks>
public static class CacheLines
{
    private const int Length = 64;

    /// <summary>Asks for the beginning of an object.</summary>
    /// <param name="thing">The object; it is not read itself. Null is ignored.</param>
    /// <param name="octets">How much of it, in octets; more than it has does no harm.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Fetch(object? thing, int octets)
    {
        if (!Sse.IsSupported || thing is null)
            return;
        // Where it lies now: should the collector move it meanwhile, the hint is wasted, and that is all.
        byte* first = *(byte**)Unsafe.AsPointer(ref thing);
        for (int i = 0; i < octets; i += Length)
            Sse.Prefetch0(first + i);
    }

    /// <summary>Asks for native memory.</summary>
    /// <param name="first">Where it begins.</param>
    /// <param name="octets">How much of it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Fetch(void* first, int octets)
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < octets; i += Length)
            Sse.Prefetch0((byte*)first + i);
    }

    /// <summary>Asks for a piece of an array.</summary>
    /// <param name="first">Where it begins; only hints are made of it.</param>
    /// <param name="octets">How much of it; more than there is does no harm.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Fetch(ref readonly byte first, int octets) => Fetch(Unsafe.AsPointer(ref Unsafe.AsRef(in first)), octets);

    /// <summary>Asks for the line that something lies in.</summary>
    /// <param name="thing">Where.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Fetch<T>(ref readonly T thing)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in thing)));
    }
}
