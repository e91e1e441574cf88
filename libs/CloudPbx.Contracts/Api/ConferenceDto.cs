using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>A conference room.</summary>
public sealed record ConferenceDto
{
    /// <summary>Its identifier.</summary>
    public required ConferenceId Id { get; init; }

    /// <summary>What is dialled.</summary>
    public required string Number { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>What callers have to enter, or <see langword="null"/>: nothing.</summary>
    public string? Pin { get; init; }

    /// <summary>What a moderator enters, or <see langword="null"/>.</summary>
    public string? ModeratorPin { get; init; }

    /// <summary>Whether the others hear by a tone that somebody comes or leaves.</summary>
    public required bool EntryTones { get; init; }

    /// <summary>Whether only moderators get in.</summary>
    public required bool Locked { get; init; }

    /// <summary>Name of the tenant's own prompt that whoever enters hears before; absent: none.</summary>
    public string? Greeting { get; init; }
}
