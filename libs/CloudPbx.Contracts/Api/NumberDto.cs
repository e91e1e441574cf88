using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>A telephone number.</summary>
public sealed record NumberDto
{
    /// <summary>Its identifier.</summary>
    public required NumberId Id { get; init; }

    /// <summary>E.164 with a leading <c>+</c>.</summary>
    public required string Number { get; init; }

    /// <summary>Name of its trunk, or <see langword="null"/>: every trunk.</summary>
    public string? Trunk { get; init; }

    /// <summary>The extension that its calls reach, or <see langword="null"/>: nobody.</summary>
    public string? Extension { get; init; }
}
