namespace CloudPbx.Contracts.Api;

/// <summary>A conference room: to create, to change, and in a tenant's document.</summary>
public sealed record ConferenceDocument
{
    /// <summary>What is dialled: 2 to 8 digits, unlike every extension and other room of the tenant.</summary>
    public required string Number { get; init; }

    /// <summary>What people call it; its number if absent.</summary>
    public string? Name { get; init; }

    /// <summary>What callers have to enter, 4 to 12 digits; nothing if absent.</summary>
    public string? Pin { get; init; }

    /// <summary>What a moderator enters, 4 to 12 digits. Without one, everybody may lock the room whom its PIN let in.</summary>
    public string? ModeratorPin { get; init; }

    /// <summary>Whether the others hear by a tone that somebody comes or leaves; <see langword="true"/> if absent.</summary>
    public bool? EntryTones { get; init; }

    /// <summary>Whether only moderators get in; <see langword="false"/> if absent.</summary>
    public bool? Locked { get; init; }

    /// <summary>Name of the tenant's own prompt that whoever enters hears before; nothing if absent.</summary>
    public string? Greeting { get; init; }
}
