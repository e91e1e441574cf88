using System.Text.Json;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Numbering;

namespace CloudPbx.Api.Extensions;

internal static class ExtensionMapping
{
    private const int MostCodecs = 8;

    public static ExtensionDto ToDto(this Extension extension) => new()
    {
        Id = extension.Id,
        Number = extension.Number,
        DisplayName = extension.DisplayName,
        RingSeconds = extension.RingSeconds,
        Recording = extension.Recording,
        Forwards = extension.Forwards ?? CallForwards.None,
        Codecs = extension.Codecs,
        Encryption = extension.Encryption,
        RecordingNotice = extension.RecordingNotice,
        Limits = extension.Limits ?? ExtensionLimits.None,
    };

    /// <summary>Whether a row is what a request would make.</summary>
    public static bool IsAs(this Extension row, NewExtension wish) => Text(row) == Text(wish.ToExtension(row.TenantId));

    public static NewExtension ReadExtension(this ObjectReader reader)
    {
        NewExtension read = new()
        {
            Number = reader.Required("number", Rules.ExtensionNumber),
            DisplayName = reader.Optional("displayName", Rules.DisplayName),
            RingSeconds = reader.OptionalInteger("ringSeconds", Rules.LeastRingSeconds, Rules.MostRingSeconds),
            Recording = reader.OptionalEnum<RecordingPolicy>("recording"),
            Codecs = ReadCodecs(reader),
            Encryption = reader.OptionalEnum<SrtpPolicy>("encryption"),
            RecordingNotice = reader.OptionalEnum<RecordingNotice>("recordingNotice"),
        };
        if (reader.Object("forwards") is { } forwards)
            read = read with { Forwards = forwards.ReadForwards(read.Number) };
        return reader.Object("limits") is { } limits ? read with { Limits = limits.ReadExtensionLimits() } : read;
    }

    /// <summary>Reads where an extension sends its calls on, to the end of the object.</summary>
    /// <param name="reader">At the object.</param>
    /// <param name="number">The extension, which is no target of its own.</param>
    public static CallForwards ReadForwards(this ObjectReader reader, string number)
    {
        CallForwards forwards = new() { Always = Read("always"), Busy = Read("busy"), NoAnswer = Read("noAnswer"), Unreachable = Read("unreachable"), Declined = Read("declined") };
        reader.Finish();
        return forwards;

        string? Read(string member)
        {
            string? target = reader.Optional(member, Rules.Dialled);
            if (target is not null && target == number)
                reader.Fault(member, "Must be another number: an extension does not send its calls on to itself.");
            return target;
        }
    }

    /// <summary>The extension in a tenant's document.</summary>
    public static ExtensionDocument ToDocument(this NewExtension read, IReadOnlyList<DeviceDocument> devices) => new()
    {
        Number = read.Number, DisplayName = read.DisplayName, RingSeconds = read.RingSeconds, Recording = read.Recording,
        Forwards = read.Forwards, Codecs = read.Codecs, Encryption = read.Encryption, RecordingNotice = read.RecordingNotice, Limits = read.Limits, Devices = devices,
    };

    /// <summary>What a tenant's document wants of an extension.</summary>
    public static NewExtension ToWish(this ExtensionDocument document) => new()
    {
        Number = document.Number, DisplayName = document.DisplayName, RingSeconds = document.RingSeconds, Recording = document.Recording,
        Forwards = document.Forwards, Codecs = document.Codecs, Encryption = document.Encryption, RecordingNotice = document.RecordingNotice, Limits = document.Limits,
    };

    public static Extension ToExtension(this NewExtension wish, TenantId tenant)
    {
        Extension extension = new() { Id = ExtensionId.New(), TenantId = tenant, Number = wish.Number, DisplayName = wish.Number };
        extension.Apply(wish);
        return extension;
    }

    /// <summary>Writes a request over a row; gives whether anything is different now.</summary>
    public static bool Apply(this Extension row, NewExtension wish)
    {
        string before = Text(row);
        row.Number = wish.Number;
        row.DisplayName = wish.DisplayName ?? wish.Number;
        row.RingSeconds = wish.RingSeconds;
        row.Recording = wish.Recording ?? RecordingPolicy.Off;
        row.Forwards = wish.Forwards is null || wish.Forwards == CallForwards.None ? null : wish.Forwards;
        row.Codecs = wish.Codecs;
        row.Encryption = wish.Encryption;
        row.RecordingNotice = wish.RecordingNotice;
        row.Limits = wish.Limits is null || wish.Limits == ExtensionLimits.None ? null : wish.Limits;
        return before != Text(row);
    }

    private static IReadOnlyList<string>? ReadCodecs(ObjectReader reader)
    {
        IReadOnlyList<string>? codecs = reader.Texts("codecs", TrunkRules.Codec, MostCodecs);
        if (codecs is { Count: 0 } && !reader.List("codecs").Any())           // what is wrong with those that are there was said
            reader.Fault("codecs", "Must name at least one codec.");
        return codecs;
    }

    private static string Text(Extension row) => JsonSerializer.Serialize(
        new { row.Number, row.DisplayName, row.RingSeconds, row.Recording, row.Forwards, row.Codecs, row.Encryption, row.RecordingNotice, row.Limits }, JsonSerializerOptions.Web);
}
