namespace CloudPbx.Contracts.Trunks;

/// <summary>What one extension's calls outside may cost at most: its own figures, which come before what the tenant's <see cref="CallLimits"/> say for each extension. Emergency calls ignore all of them.</summary>
public sealed record ExtensionLimits
{
    /// <summary>It has no figures of its own.</summary>
    public static ExtensionLimits None { get; } = new();

    /// <summary>Calls to the outside at one time; <see langword="null"/>: as the tenant says.</summary>
    public int? MaxOutsideCalls { get; init; }

    /// <summary>Calls to other countries at one time; <see langword="null"/>: as the tenant says.</summary>
    public int? MaxCallsAbroad { get; init; }

    /// <summary>Minutes of calls to the outside in a day (UTC); <see langword="null"/>: as the tenant says.</summary>
    public int? OutsideMinutesPerDay { get; init; }

    /// <summary>Money for calls to the outside in a day (UTC), in millionths of the rate table's currency; <see langword="null"/>: as the tenant says.</summary>
    public long? MicroUnitsPerDay { get; init; }
}
