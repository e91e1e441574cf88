namespace CloudPbx.Portal.Phones;

/// <summary>Keeps a browser's phone with its session.</summary>
public interface IPhoneMemory
{
    /// <summary>The phone that was switched on, or <see langword="null"/>.</summary>
    /// <param name="cancel">Ends the wait.</param>
    ValueTask<RememberedPhone?> GetAsync(CancellationToken cancel);

    /// <summary>Keeps it; <see langword="null"/> forgets it.</summary>
    /// <param name="phone">The phone.</param>
    /// <param name="cancel">Ends the wait.</param>
    ValueTask SetAsync(RememberedPhone? phone, CancellationToken cancel);
}
