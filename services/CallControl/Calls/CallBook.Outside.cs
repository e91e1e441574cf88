using System.Collections.Frozen;
using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.CallControl.Calls;

/// <summary>What the tenant's calls use of its trunks.</summary>
internal sealed partial class CallBook
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly Queue<DateTime> _outsideBegan = new();

    private readonly HashSet<Call> _outside = [];                 // most calls stay inside, and each new call asks

    /// <summary>A carrier has a part in a call from now on.</summary>
    public void GoesOutside(Call call)
    {
        if (!_calls.ContainsKey(call.Id))
            return;
        _outside.Add(call);
        foreach (TrunkSettings trunk in tenant.Configuration.SharedTrunks)
            worker.SharedChannels.Raise(trunk.Shared!.Value, tenant.Tenant, ChannelsOf(trunk.Id));      // no less: a call that has just taken one has no media yet
    }

    /// <summary>Tells the other tenants of this worker how many channels of shared trunks this one uses.</summary>
    public void TellShared()
    {
        foreach (TrunkSettings trunk in tenant.Configuration.SharedTrunks)
            worker.SharedChannels.Set(trunk.Shared!.Value, tenant.Tenant, ChannelsOf(trunk.Id));
    }

    /// <summary>Whether one more call may go over a trunk; of a shared one the channel is taken, until what is told next says how many are in use.</summary>
    public bool TryTakeChannel(TrunkSettings trunk) =>
        trunk.MaxChannels is not { } most
        || (trunk.Shared is { } shared ? worker.SharedChannels.TryTake(shared, tenant.Tenant, ChannelsOf(trunk.Id), most) : ChannelsOf(trunk.Id) < most);

    /// <summary>What is in use now, for a routing decision.</summary>
    /// <param name="caller">Who calls.</param>
    public RouteConditions Conditions(string caller)
    {
        DateTime now = worker.Time.GetUtcNow().UtcDateTime;
        while (_outsideBegan.TryPeek(out DateTime oldest) && now - oldest >= s_minute)
            _outsideBegan.Dequeue();
        Dictionary<TrunkId, int> channels = [];
        int calls = 0, callsOfCaller = 0, abroad = 0, abroadOfCaller = 0;
        foreach (Call call in _outside)
        {
            foreach (TrunkId trunk in call.Channels)
                channels[trunk] = channels.GetValueOrDefault(trunk) + 1;
            foreach (OutsideUse use in call.OutsideUses)
            {
                bool isOfCaller = use.Payer == caller, isAbroad = OutsideLimits.IsAbroad(use.Number, tenant.Configuration.Home);
                calls++;
                callsOfCaller += isOfCaller ? 1 : 0;
                abroad += isAbroad ? 1 : 0;
                abroadOfCaller += isOfCaller && isAbroad ? 1 : 0;
            }
        }
        return new RouteConditions
        {
            Down = tenant.Trunks.Down,
            OutsideCallsInLastMinute = _outsideBegan.Count,
            UsedToday = tenant.Usage.Of(null),
            UsedTodayByCaller = tenant.Usage.Of(caller),
            MicroUnitsTodayByDestination = tenant.Configuration.Outside.Limits.MicroUnitsPerDayPerDestination is null ? FrozenDictionary<string, long>.Empty : tenant.Usage.ByDestination(),
            Channels = channels,
            ChannelsOfOthers = tenant.Configuration.SharedTrunks.ToDictionary(trunk => trunk.Id, trunk => worker.SharedChannels.OthersOf(trunk.Shared!.Value, tenant.Tenant)),
            OutsideCalls = calls,
            OutsideCallsOfCaller = callsOfCaller,
            CallsAbroad = abroad,
            CallsAbroadOfCaller = abroadOfCaller,
        };
    }

    /// <summary>Calls over a trunk now, both directions.</summary>
    public int ChannelsOf(TrunkId trunk) => _outside.SelectMany(call => call.Channels).Count(known => known == trunk);

    /// <summary>The calls to the outside that were answered and go on.</summary>
    public IEnumerable<OutsideUse> AnsweredOutside
    {
        get
        {
            foreach (Call call in _outside)
                foreach (OutsideUse use in call.OutsideUses)
                    if (use is { AnsweredAt: not null, IsEnded: false })
                        yield return use;
        }
    }

    /// <summary>The calls that have a part outside.</summary>
    public IReadOnlyList<Call> WithOutside() => [.. _outside.Where(call => call.OutsideUses.Count > 0)];

    /// <summary>How many calls an extension sends on to a number outside now.</summary>
    public int ForwardsTo(string extension, string number) =>
        _outside.SelectMany(call => call.OutsideUses).Count(use => use.IsForwarded && use.Payer == extension && use.Number == number);

    /// <summary>A call to the outside begins.</summary>
    public void OutsideBegins() => _outsideBegan.Enqueue(worker.Time.GetUtcNow().UtcDateTime);
}
