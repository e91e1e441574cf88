using System.Text.Json;
using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Trunks;

namespace CloudPbx.Api.Trunks;

internal static class RouteMapping
{
    private const int MostTrunks = 16;

    public static RouteDocument ReadRoute(this ObjectReader reader) => new()
    {
        Name = reader.Required("name", TrunkRules.Name),
        Prefix = reader.Optional("prefix", TrunkRules.RoutePrefix),
        Order = reader.OptionalEnum<TrunkOrder>("order"),
        Trunks = reader.Objects("trunks", entry => new RouteTrunkDocument { Trunk = entry.Required("trunk", TrunkRules.Name), Weight = entry.OptionalInteger("weight", 1, 1000) }, MostTrunks),
        FailoverOn = reader.Texts("failoverOn", TrunkRules.FailoverCause, 32),
        Rewrite = reader.ReadRewrites("rewrite"),
        CallerNumber = reader.Optional("callerNumber", TrunkRules.Number),
    };

    public static RouteDto ToDto(this TrunkRoute row, IReadOnlyDictionary<TrunkId, string> trunks)
    {
        RouteDocument document = row.ToRoute().ToDocument(trunks);
        return new RouteDto
        {
            Id = row.Id,
            Name = document.Name,
            Prefix = document.Prefix ?? "",
            Order = row.Details.Order,
            Trunks = document.Trunks,
            FailoverOn = document.FailoverOn ?? [],
            Rewrite = document.Rewrite,
            CallerNumber = document.CallerNumber,
        };
    }

    public static RouteDocument ToDocument(this OutboundRoute route, IReadOnlyDictionary<TrunkId, string> trunks) => new()
    {
        Name = route.Name,
        Prefix = route.Prefix,
        Order = route.Order,
        Trunks = [.. route.Trunks.Where(entry => trunks.ContainsKey(entry.Trunk)).Select(entry => new RouteTrunkDocument { Trunk = trunks[entry.Trunk], Weight = entry.Weight })],
        FailoverOn = route.FailoverOn,
        Rewrite = route.Rewrite,
        CallerNumber = route.CallerNumber,
    };

    public static TrunkRoute NewRoute(TenantId tenant, RouteDocument wish) =>
        new() { Id = RouteId.New(), TenantId = tenant, Name = wish.Name, Prefix = wish.Prefix ?? "", Details = new TrunkRouteDetails() };

    /// <summary>Writes a request, whose trunks are known, over a row; gives whether anything is different now.</summary>
    public static bool Apply(this TrunkRoute row, RouteDocument wish, IReadOnlyDictionary<string, TrunkId> trunks)
    {
        TrunkRouteDetails details = new()
        {
            Order = wish.Order ?? TrunkOrder.Listed,
            Trunks = [.. wish.Trunks.Select(entry => new RouteTrunk(trunks[entry.Trunk], entry.Weight ?? 1))],
            FailoverOn = wish.FailoverOn ?? FailoverCauses.Default,
            Rewrite = wish.Rewrite,
            CallerNumber = wish.CallerNumber,
        };
        (string, string) before = (row.Name, row.Prefix);
        (row.Name, row.Prefix) = (wish.Name, wish.Prefix ?? "");
        bool changed = before != (row.Name, row.Prefix);
        if (Text(details) == Text(row.Details))
            return changed;
        row.Details = details;
        return true;
    }

    private static string Text(TrunkRouteDetails details) => JsonSerializer.Serialize(details, JsonSerializerOptions.Web);
}
