using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Conferences;

/// <summary>A conference room of a tenant: whoever calls its number meets the others who did.</summary>
public sealed class ConferenceRoom : ITenantOwned, IVersioned
{
    /// <summary>Its identifier.</summary>
    public required ConferenceId Id { get; init; }

    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>2 to 8 digits, unique among the tenant's rooms; no extension has it either, which the tenant's writers, who wait for each other, look after.</summary>
    public required string Number { get; set; }

    /// <summary>What people call it.</summary>
    public required string Name { get; set; }

    /// <summary>What callers have to enter, 4 to 12 digits; <see langword="null"/>: nothing. In clear: it is told to everybody who is invited.</summary>
    public string? Pin { get; set; }

    /// <summary>What a moderator enters, 4 to 12 digits; <see langword="null"/>: every extension that enters is one, where there is no PIN at all.</summary>
    public string? ModeratorPin { get; set; }

    /// <summary>Whether the others hear by a tone that somebody comes or leaves.</summary>
    public bool EntryTones { get; set; } = true;

    /// <summary>Whether only moderators get in.</summary>
    public bool Locked { get; set; }

    /// <summary>Name of the tenant's own prompt that whoever enters hears before; <see langword="null"/>, or a name that no prompt has: nothing.</summary>
    public string? Greeting { get; set; }

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
