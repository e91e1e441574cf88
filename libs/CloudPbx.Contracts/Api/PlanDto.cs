namespace CloudPbx.Contracts.Api;

/// <summary>What a tenant may have at most. An absent figure is no limit.</summary>
public sealed record PlanDto
{
    /// <summary>1 to 63 lower-case letters, digits and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>How it is called to people; the name if absent.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Extensions at most.</summary>
    public int? MaxExtensions { get; init; }

    /// <summary>Trunks at most.</summary>
    public int? MaxTrunks { get; init; }

    /// <summary>Numbers of the platform's inventory at most that the tenant may take itself; what the operator gives counts, but is never refused.</summary>
    public int? MaxNumbers { get; init; }

    /// <summary>Calls over trunks at one time.</summary>
    public int? MaxChannels { get; init; }

    /// <summary>Mebibytes of recordings and own sounds; once they are used up no further recording begins.</summary>
    public int? MaxStorageMegabytes { get; init; }

    /// <summary>Minutes of calls to the outside in a day (UTC), of all extensions together.</summary>
    public int? OutsideMinutesPerDay { get; init; }

    /// <summary>Days that a tenant may try it.</summary>
    public int? TrialDays { get; init; }

    /// <summary>Whether who signs up by themselves may have it; <see langword="false"/> if absent.</summary>
    public bool? ForSignUp { get; init; }
}
