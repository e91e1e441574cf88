namespace CloudPbx.Contracts.Api;

/// <summary>What became of a bulk, row by row. A row that is refused does nothing; the others are done in one step.</summary>
public sealed record BulkReport
{
    /// <summary>Nothing was done: this says what would be.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Rows that made something new.</summary>
    public required int Created { get; init; }

    /// <summary>Rows that changed something.</summary>
    public required int Changed { get; init; }

    /// <summary>Rows that say what is so already.</summary>
    public required int Unchanged { get; init; }

    /// <summary>Rows with errors.</summary>
    public required int Refused { get; init; }

    /// <summary>The rows in their order.</summary>
    public required IReadOnlyList<BulkRow> Rows { get; init; }
}
