namespace CloudPbx.Contracts.Trunks;

/// <summary>How a tenant calls the outside world.</summary>
public sealed record OutsideCalling
{
    /// <summary>The outside prefix of a tenant that says nothing.</summary>
    public const string DefaultPrefix = "9";

    /// <summary>What is dialled before a number outside; empty: nothing, whatever is no number inside is outside.</summary>
    public string OutsidePrefix { get; init; } = DefaultPrefix;

    /// <summary>The number that is shown where no rule names another, one of the tenant's; <see langword="null"/>: none.</summary>
    public string? CallerNumber { get; init; }

    /// <summary>Which numbers are shown for which extensions.</summary>
    public IReadOnlyList<CallerNumberRule> CallerNumbers { get; init; } = [];

    /// <summary>Numbers that are called with and without outside prefix, whatever the limits say; <see langword="null"/>: those of its country and language.</summary>
    public IReadOnlyList<string>? EmergencyNumbers { get; init; }

    /// <summary>The country of numbers that are dialled without one, two letters (ISO 3166-1); <see langword="null"/>: unknown.</summary>
    public string? Country { get; init; }

    /// <summary>What calls cost; empty: nobody knows.</summary>
    public IReadOnlyList<CallRate> Rates { get; init; } = [];

    /// <summary>The tenant's limits.</summary>
    public CallLimits Limits { get; init; } = new();
}
