using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.CallControl.Calls;

/// <summary>What the tenant's calls use of its trunks.</summary>
internal sealed partial class CallBook
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly Queue<DateTime> _outsideBegan = new();

    // Most calls stay inside, and each new call asks.
    private IEnumerable<Call> Outside => _calls.Values.Where(call => call.HasOutside);

    /// <summary>What is in use now, for a routing decision.</summary>
    /// <param name="caller">Who calls.</param>
    public RouteConditions Conditions(string caller)
    {
        DateTime now = worker.Time.GetUtcNow().UtcDateTime;
        while (_outsideBegan.TryPeek(out DateTime oldest) && now - oldest >= s_minute)
            _outsideBegan.Dequeue();
        List<OutsideUse> outside = [.. Outside.SelectMany(call => call.OutsideUses)];
        return new RouteConditions
        {
            Channels = Outside.SelectMany(call => call.Channels).CountBy(trunk => trunk).ToDictionary(),
            Down = tenant.Trunks.Down,
            OutsideCalls = outside.Count,
            OutsideCallsOfCaller = outside.Count(use => use.Payer == caller),
            OutsideCallsInLastMinute = _outsideBegan.Count,
            UsedToday = tenant.Usage.Of(null),
            UsedTodayByCaller = tenant.Usage.Of(caller),
        };
    }

    /// <summary>Calls over a trunk now, both directions.</summary>
    public int ChannelsOf(TrunkId trunk) => Outside.SelectMany(call => call.Channels).Count(known => known == trunk);

    /// <summary>The calls to the outside that were answered and go on.</summary>
    public IEnumerable<OutsideUse> AnsweredOutside => Outside.SelectMany(call => call.OutsideUses).Where(use => use is { AnsweredAt: not null, IsEnded: false });

    /// <summary>The calls that have a part outside.</summary>
    public IReadOnlyList<Call> WithOutside() => [.. Outside.Where(call => call.OutsideUses.Any())];

    /// <summary>How many calls an extension sends on to a number outside now.</summary>
    public int ForwardsTo(string extension, string number) =>
        Outside.SelectMany(call => call.OutsideUses).Count(use => use.IsForwarded && use.Payer == extension && use.Number == number);

    /// <summary>A call to the outside begins.</summary>
    public void OutsideBegins() => _outsideBegan.Enqueue(worker.Time.GetUtcNow().UtcDateTime);
}
