namespace CloudPbx.Data.Resellers;

/// <summary>What a tenant may have at most. The figures are copied into the tenant when it gets the plan, so that a plan can be changed for those to come.</summary>
public sealed class GlobalPlan
{
    /// <summary>Its name: 1 to 63 lower-case letters, digits and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>How it is called to people.</summary>
    public required string DisplayName { get; set; }

    /// <summary>Extensions at most; <see langword="null"/>: no limit, also below.</summary>
    public int? MaxExtensions { get; set; }

    /// <summary>Trunks at most.</summary>
    public int? MaxTrunks { get; set; }

    /// <summary>Numbers of the platform's inventory that a tenant may take itself.</summary>
    public int? MaxNumbers { get; set; }

    /// <summary>Calls over trunks at one time.</summary>
    public int? MaxChannels { get; set; }

    /// <summary>Mebibytes of recordings and own sounds.</summary>
    public int? MaxStorageMegabytes { get; set; }

    /// <summary>Minutes of calls to the outside in a day (UTC), of all extensions together.</summary>
    public int? OutsideMinutesPerDay { get; set; }

    /// <summary>Days that a tenant may try it.</summary>
    public int? TrialDays { get; set; }

    /// <summary>Whether who signs up by themselves may have it.</summary>
    public bool ForSignUp { get; set; }
}
