using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Api;

/// <summary>What became of one row of a file of another product.</summary>
public sealed record ImportedRow
{
    /// <summary>In which file it stands.</summary>
    public required ImportedFile File { get; init; }

    /// <summary>Its line there.</summary>
    public required int Row { get; init; }

    /// <summary>What it is about: a user, a line, a prefix.</summary>
    public required string Subject { get; init; }

    /// <summary>Whether it is taken over.</summary>
    public required bool Taken { get; init; }

    /// <summary>What becomes of it, or why it is left out.</summary>
    public required string Note { get; init; }
}

/// <summary>A file of another product.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ImportedFile>))]
public enum ImportedFile
{
    /// <summary>Local users.</summary>
    Users,

    /// <summary>External lines.</summary>
    Lines,

    /// <summary>The dial plan.</summary>
    DialPlan,
}
