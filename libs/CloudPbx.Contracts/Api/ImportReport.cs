namespace CloudPbx.Contracts.Api;

/// <summary>What became of the files of another product, row by row. Rows that are left out do nothing; the others are done in one step.</summary>
public sealed record ImportReport
{
    /// <summary>Nothing was done: this says what would be.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Rows that are taken over.</summary>
    public required int Taken { get; init; }

    /// <summary>Rows that are left out.</summary>
    public required int LeftOut { get; init; }

    /// <summary>The rows, file by file in their order.</summary>
    public required IReadOnlyList<ImportedRow> Rows { get; init; }

    /// <summary>Passwords that were made because the old one was too short or missing: shown here and never again, except by an export.</summary>
    public required IReadOnlyList<GeneratedSecret> Secrets { get; init; }
}
