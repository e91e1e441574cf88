namespace CloudPbx.Hosting.Memory;

/// <summary>Says when what nothing holds any more is worth being given back to the system: much has come together, and hardly anybody is asking for anything, so that a pause disturbs nobody.</summary>
/// <param name="worth">How many bytes there must be to give back when it is worth a pause of the process.</param>
/// <remarks>Looked at in equal intervals, by one caller at a time.</remarks>
public sealed class QuietMoments(long worth = QuietMoments.Worth)
{
    /// <summary>As much as is allocated between two looks, in bytes, while nobody does anything: health pages, timers.</summary>
    public const long Idle = 1 << 20;

    /// <summary>What is worth a pause of a process whose pages many people have open.</summary>
    public const long Worth = 16 << 20;

    private long _allocated, _heap, _left;

    /// <summary>Looks at how the heap stands.</summary>
    /// <param name="now">How it stands.</param>
    /// <returns>Whether now is the moment; the caller then collects, and tells <see cref="Collected"/>.</returns>
    public bool Look(in HeapState now)
    {
        bool quiet = now.Allocated - _allocated < Idle + now.Usual;
        _allocated = now.Allocated;
        return quiet && now.Heap - _heap + now.Left - _left >= worth;
    }

    /// <summary>It was done.</summary>
    /// <param name="now">How the heap stands afterwards.</param>
    public void Collected(in HeapState now) => (_allocated, _heap, _left) = (now.Allocated, now.Heap, now.Left);
}
