using System.Collections.Frozen;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.CallControl.Routing;

/// <summary>What else than configuration a decision depends on: what is in use now, and chance.</summary>
internal sealed record RouteConditions
{
    /// <summary>Nothing is in use.</summary>
    public static RouteConditions Idle { get; } = new();

    /// <summary>Calls over trunks now, both directions, by trunk.</summary>
    public IReadOnlyDictionary<TrunkId, int> Channels { get; init; } = FrozenDictionary<TrunkId, int>.Empty;

    /// <summary>Calls of other tenants over those trunks that are shared with them, by the tenant's own trunk.</summary>
    public IReadOnlyDictionary<TrunkId, int> ChannelsOfOthers { get; init; } = FrozenDictionary<TrunkId, int>.Empty;

    /// <summary>Trunks whose carriers do not answer.</summary>
    public IReadOnlySet<TrunkId> Down { get; init; } = FrozenSet<TrunkId>.Empty;

    /// <summary>Calls to the outside now.</summary>
    public int OutsideCalls { get; init; }

    /// <summary>Calls to the outside now of the calling extension.</summary>
    public int OutsideCallsOfCaller { get; init; }

    /// <summary>Those of them to other countries.</summary>
    public int CallsAbroad { get; init; }

    /// <summary>Those of them to other countries of the calling extension.</summary>
    public int CallsAbroadOfCaller { get; init; }

    /// <summary>Calls to the outside that began within the last minute.</summary>
    public int OutsideCallsInLastMinute { get; init; }

    /// <summary>What calls to the outside have used today.</summary>
    public DayUse UsedToday { get; init; }

    /// <summary>What those of the calling extension have used today.</summary>
    public DayUse UsedTodayByCaller { get; init; }

    /// <summary>Money used today, by destination (<see cref="OutsideNumber.DestinationOf"/>); empty where no limit asks for it.</summary>
    public IReadOnlyDictionary<string, long> MicroUnitsTodayByDestination { get; init; } = FrozenDictionary<string, long>.Empty;

    /// <summary>Whether it is no caller but a phone that sends a call on.</summary>
    public bool IsForward { get; init; }

    /// <summary>What weighted trunks are drawn by.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>Whether as many calls go over a trunk as it takes: the tenant's, and where it is shared everybody's.</summary>
    public bool IsFull(TrunkSettings trunk) => trunk.MaxChannels is { } most && Channels.GetValueOrDefault(trunk.Id) + ChannelsOfOthers.GetValueOrDefault(trunk.Id) >= most;
}
