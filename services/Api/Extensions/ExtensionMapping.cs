using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Numbering;

namespace CloudPbx.Api.Extensions;

internal static class ExtensionMapping
{
    public static ExtensionDto ToDto(this Extension extension) => new()
    {
        Id = extension.Id,
        Number = extension.Number,
        DisplayName = extension.DisplayName,
        RingSeconds = extension.RingSeconds,
        Recording = extension.Recording,
    };

    /// <summary>The request that would make it what it is.</summary>
    public static NewExtension ToWish(this Extension row) => new() { Number = row.Number, DisplayName = row.DisplayName, RingSeconds = row.RingSeconds, Recording = row.Recording };

    public static NewExtension ReadExtension(this ObjectReader reader) => new()
    {
        Number = reader.Required("number", Rules.ExtensionNumber),
        DisplayName = reader.Optional("displayName", Rules.DisplayName),
        RingSeconds = reader.OptionalInteger("ringSeconds", Rules.LeastRingSeconds, Rules.MostRingSeconds),
        Recording = reader.OptionalEnum<RecordingPolicy>("recording"),
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
        (string, string, int?, RecordingPolicy) before = (row.Number, row.DisplayName, row.RingSeconds, row.Recording);
        row.Number = wish.Number;
        row.DisplayName = wish.DisplayName ?? wish.Number;
        row.RingSeconds = wish.RingSeconds;
        row.Recording = wish.Recording ?? RecordingPolicy.Off;
        return before != (row.Number, row.DisplayName, row.RingSeconds, row.Recording);
    }
}
