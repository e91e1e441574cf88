namespace CloudPbx.Portal.Circuits;

/// <summary>Says when what nothing holds any more is worth being given back to the system: much has become garbage, and nobody is asking for anything, so that a pause disturbs nobody.</summary>
/// <remarks>Looked at in equal intervals, by one caller at a time.</remarks>
internal sealed class QuietMoments
{
    /// <summary>As much as is allocated between two looks, in bytes, while open pages do nothing but stay: answers to their keep-alives, health pages, timers.</summary>
    internal const long Idle = 1 << 20;

    /// <summary>What a closed page leaves behind, in bytes, as <c>./pbx bench portal</c> measured it.</summary>
    internal const long Page = 512 << 10;

    /// <summary>From how many bytes on it is worth a pause of the process.</summary>
    internal const long Worth = 16 << 20;

    private long _seen, _collected, _closed;

    /// <summary>Looks at how much was allocated.</summary>
    /// <param name="allocated">Bytes since the process began.</param>
    /// <param name="closed">Pages that were closed since then.</param>
    /// <returns>Whether now is the moment; the caller then collects, and tells <see cref="Collected"/>.</returns>
    public bool Look(long allocated, long closed)
    {
        bool quiet = allocated - _seen < Idle;
        _seen = allocated;
        return quiet && allocated - _collected + ((closed - _closed) * Page) >= Worth;
    }

    /// <summary>It was done.</summary>
    /// <param name="allocated">Bytes since the process began.</param>
    /// <param name="closed">Pages that were closed until the moment was found.</param>
    public void Collected(long allocated, long closed) => (_seen, _collected, _closed) = (allocated, allocated, closed);
}
