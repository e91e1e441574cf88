using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Api;

/// <summary>What became of one row of a bulk.</summary>
public sealed record BulkRow
{
    /// <summary>The row: its line in a CSV text, its place in a JSON list beginning with 1.</summary>
    public required int Row { get; init; }

    /// <summary>What it is about: an extension's number.</summary>
    public required string Subject { get; init; }

    /// <summary>What became of it.</summary>
    public required BulkOutcome Outcome { get; init; }

    /// <summary>What is wrong, by member or column; absent where nothing is.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>Passwords that were made: shown here and never again. Absent where none was.</summary>
    public IReadOnlyList<GeneratedSecret>? Secrets { get; init; }
}

/// <summary>What became of a row of a bulk.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<BulkOutcome>))]
public enum BulkOutcome
{
    /// <summary>It made something new.</summary>
    Created,

    /// <summary>It changed something.</summary>
    Changed,

    /// <summary>It was so already.</summary>
    Unchanged,

    /// <summary>It did nothing: see its errors.</summary>
    Refused,
}
