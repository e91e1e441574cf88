namespace CloudPbx.Portal.Circuits;

/// <summary>Says when what nothing holds any more is worth being given back to the system: much has come together, and hardly anybody is asking for anything, so that a pause disturbs nobody.</summary>
/// <remarks>Looked at in equal intervals, by one caller at a time.</remarks>
internal sealed class QuietMoments
{
    /// <summary>As much as is allocated between two looks, in bytes, while nobody does anything: health pages, timers.</summary>
    internal const long Idle = 1 << 20;

    /// <summary>And by each open page that does nothing but stay: keep-alives, the live state of its tenant.</summary>
    internal const long IdlePage = 32 << 10;

    /// <summary>What a closed page leaves behind, in bytes, as <c>./pbx bench portal</c> measured it.</summary>
    internal const long Page = 512 << 10;

    /// <summary>By how many bytes the heap has grown when it is worth a pause of the process.</summary>
    internal const long Worth = 16 << 20;

    private long _allocated, _heap, _closed;

    /// <summary>Looks at how the heap stands.</summary>
    /// <param name="now">How it stands.</param>
    /// <returns>Whether now is the moment; the caller then collects, and tells <see cref="Collected"/>.</returns>
    public bool Look(in HeapState now)
    {
        bool quiet = now.Allocated - _allocated < Idle + (now.Open * IdlePage);
        _allocated = now.Allocated;
        return quiet && now.Heap - _heap + ((now.Closed - _closed) * Page) >= Worth;
    }

    /// <summary>It was done.</summary>
    /// <param name="now">How the heap stands afterwards.</param>
    public void Collected(in HeapState now) => (_allocated, _heap, _closed) = (now.Allocated, now.Heap, now.Closed);
}

/// <summary>How the heap and the pages stand.</summary>
/// <param name="Allocated">Bytes that were allocated since the process began.</param>
/// <param name="Heap">The heap's size after the last collection of any kind, in bytes.</param>
/// <param name="Open">Pages that are open.</param>
/// <param name="Closed">Pages that were closed since the process began.</param>
internal readonly record struct HeapState(long Allocated, long Heap, long Open, long Closed);
