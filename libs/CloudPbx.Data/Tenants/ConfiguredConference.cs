using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Tenants;

/// <summary>A conference room as calls need it.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Number">What is dialled.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Pin">What callers have to enter; <see langword="null"/>: nothing.</param>
/// <param name="ModeratorPin">What moderators enter; <see langword="null"/>: nobody needs to.</param>
/// <param name="EntryTones">Whether the others hear that somebody comes or leaves.</param>
/// <param name="Locked">Whether only moderators get in.</param>
/// <param name="Greeting">Name of the prompt that whoever enters hears before; <see langword="null"/>: none.</param>
public sealed record ConfiguredConference(ConferenceId Id, string Number, string Name, string? Pin, string? ModeratorPin, bool EntryTones, bool Locked, string? Greeting = null);
