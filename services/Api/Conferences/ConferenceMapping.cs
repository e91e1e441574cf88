using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Conferences;
using CloudPbx.Data.Tenants;

namespace CloudPbx.Api.Conferences;

internal static class ConferenceMapping
{
    public static ConferenceDocument ReadConference(this ObjectReader reader)
    {
        ConferenceDocument wish = new()
        {
            Number = reader.Required("number", Rules.ExtensionNumber),
            Name = reader.Optional("name", Rules.DisplayName),
            Pin = reader.Optional("pin", Rules.Pin),
            ModeratorPin = reader.Optional("moderatorPin", Rules.Pin),
            EntryTones = reader.OptionalBoolean("entryTones"),
            Locked = reader.OptionalBoolean("locked"),
            Greeting = reader.Optional("greeting", Rules.PromptName),
        };
        if (wish.Pin is { } pin && pin == wish.ModeratorPin)
            reader.Fault("moderatorPin", "Must not be the same as the PIN: it tells moderators from others.");
        if (wish is { Locked: true, ModeratorPin: null })
            reader.Fault("locked", "Nobody could enter: a locked room needs a moderator's PIN.");
        return wish;
    }

    public static ConferenceDto ToDto(this ConferenceRoom row) => new()
    {
        Id = row.Id, Number = row.Number, Name = row.Name, Pin = row.Pin, ModeratorPin = row.ModeratorPin, EntryTones = row.EntryTones, Locked = row.Locked, Greeting = row.Greeting,
    };

    public static ConferenceDocument ToDocument(this ConfiguredConference room) => new()
    {
        Number = room.Number,
        Name = room.Name == room.Number ? null : room.Name,
        Pin = room.Pin,
        ModeratorPin = room.ModeratorPin,
        EntryTones = room.EntryTones ? null : false,
        Locked = room.Locked ? true : null,
        Greeting = room.Greeting,
    };

    public static ConferenceRoom ToConference(this ConferenceDocument wish, TenantId tenant)
    {
        ConferenceRoom row = new() { Id = ConferenceId.New(), TenantId = tenant, Number = wish.Number, Name = wish.Number };
        row.Apply(wish);
        return row;
    }

    /// <summary>Writes a request over a row; gives whether anything is different now.</summary>
    public static bool Apply(this ConferenceRoom row, ConferenceDocument wish)
    {
        (string, string, string?, string?, bool, bool, string?) before = (row.Number, row.Name, row.Pin, row.ModeratorPin, row.EntryTones, row.Locked, row.Greeting);
        (row.Number, row.Name, row.Pin, row.ModeratorPin, row.EntryTones, row.Locked, row.Greeting) =
            (wish.Number, wish.Name ?? wish.Number, wish.Pin, wish.ModeratorPin, wish.EntryTones ?? true, wish.Locked ?? false, wish.Greeting);
        return before != (row.Number, row.Name, row.Pin, row.ModeratorPin, row.EntryTones, row.Locked, row.Greeting);
    }
}
