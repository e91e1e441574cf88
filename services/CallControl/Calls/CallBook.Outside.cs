using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.CallControl.Calls;

/// <summary>What the tenant's calls use of its trunks.</summary>
internal sealed partial class CallBook
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly Queue<DateTime> _outsideBegan = new();

    /// <summary>What is in use now, for a routing decision.</summary>
    /// <param name="caller">Who calls.</param>
    public RouteConditions Conditions(string caller)
    {
        DateTime now = worker.Time.GetUtcNow().UtcDateTime;
        while (_outsideBegan.TryPeek(out DateTime oldest) && now - oldest >= s_minute)
            _outsideBegan.Dequeue();
        List<Call> outside = [.. _calls.Values.Where(call => call.Record.Direction == CallDirection.Outbound)];
        return new RouteConditions
        {
            Channels = _calls.Values.Select(call => call.Channel).OfType<TrunkId>().CountBy(trunk => trunk).ToDictionary(),
            OutsideCalls = outside.Count,
            OutsideCallsOfCaller = outside.Count(call => call.Record.CallerNumber == caller),
            OutsideCallsInLastMinute = _outsideBegan.Count,
        };
    }

    /// <summary>Calls over a trunk now, both directions.</summary>
    public int ChannelsOf(TrunkId trunk) => _calls.Values.Count(call => call.Channel == trunk);

    /// <summary>A call to the outside begins.</summary>
    public void OutsideBegins() => _outsideBegan.Enqueue(worker.Time.GetUtcNow().UtcDateTime);
}
