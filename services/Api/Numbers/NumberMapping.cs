using CloudPbx.Api.Bodies;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Trunks;

namespace CloudPbx.Api.Numbers;

internal static class NumberMapping
{
    public static NumberDocument ReadNumber(this ObjectReader reader) => new()
    {
        Number = reader.Required("number", TrunkRules.Number),
        Trunk = reader.Optional("trunk", TrunkRules.Name),
        Extension = reader.Optional("extension", Rules.ExtensionNumber),
    };

    public static NumberDto ToDto(this PhoneNumber row, string? trunk) => new() { Id = row.Id, Number = row.Number, Trunk = trunk, Extension = row.Extension };

    /// <summary>Writes a request, whose trunk is known, over a row; gives whether anything is different now.</summary>
    public static bool Apply(this PhoneNumber row, NumberDocument wish, TrunkId? trunk)
    {
        (string, TrunkId?, string?) before = (row.Number, row.TrunkId, row.Extension);
        (row.Number, row.TrunkId, row.Extension) = (wish.Number, trunk, wish.Extension);
        return before != (row.Number, row.TrunkId, row.Extension);
    }
}
