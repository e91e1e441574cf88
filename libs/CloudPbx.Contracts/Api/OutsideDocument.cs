using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>How a tenant calls the outside world: as a resource, and in the tenant's document.</summary>
public sealed record OutsideDocument
{
    /// <summary>What is dialled before a number outside: up to 4 digits; <c>9</c> if absent, empty: nothing.</summary>
    public string? OutsidePrefix { get; init; }

    /// <summary>The number that is shown where no rule names another, one of the tenant's.</summary>
    public string? CallerNumber { get; init; }

    /// <summary>Which numbers are shown for which extensions; the longest prefix of the extension decides.</summary>
    public IReadOnlyList<CallerNumberRule> CallerNumbers { get; init; } = [];

    /// <summary>Emergency numbers, called with and without outside prefix whatever the limits say; those of <c>country</c> and of the tenant's language if absent.</summary>
    public IReadOnlyList<string>? EmergencyNumbers { get; init; }

    /// <summary>The country of numbers that are dialled without one, two letters (ISO 3166-1). Its emergency numbers are known where <c>emergencyNumbers</c> is absent.</summary>
    public string? Country { get; init; }
}
