namespace CloudPbx.Hosting.Memory;

/// <summary>How the heap stands, and what a process knows of its own work.</summary>
/// <param name="Allocated">Bytes that were allocated since the process began.</param>
/// <param name="Heap">The heap's size after the last collection of any kind, in bytes.</param>
/// <param name="Usual">Bytes that what stands open allocates between two looks though nobody asks for anything.</param>
/// <param name="Left">Bytes that what has ended since the process began has left behind, whether a collection has found them or not.</param>
public readonly record struct HeapState(long Allocated, long Heap, long Usual, long Left);
