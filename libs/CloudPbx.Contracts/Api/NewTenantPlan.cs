namespace CloudPbx.Contracts.Api;

/// <summary>A tenant's plan. Figures that are given count instead of the plan's.</summary>
public sealed record NewTenantPlan
{
    /// <summary>One of <c>/v1/plans</c>; absent: none, and no limits but those given here.</summary>
    public string? Plan { get; init; }

    /// <summary>Extensions at most.</summary>
    public int? MaxExtensions { get; init; }

    /// <summary>Trunks at most.</summary>
    public int? MaxTrunks { get; init; }

    /// <summary>Numbers of the platform's inventory at most that the tenant may take itself; what the operator gives counts, but is never refused.</summary>
    public int? MaxNumbers { get; init; }

    /// <summary>Mebibytes of recordings and own sounds at most.</summary>
    public int? MaxStorageMegabytes { get; init; }

    /// <summary>Days of trial from now; the plan's if absent, 0: none.</summary>
    public int? TrialDays { get; init; }
}
