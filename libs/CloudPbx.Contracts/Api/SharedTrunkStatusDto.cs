using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>A shared trunk as it stands now, over all tenants that use it. A tenant counts as long as its worker has it in memory: while it has phones, lines or calls.</summary>
public sealed record SharedTrunkStatusDto
{
    /// <summary>The trunk's name.</summary>
    public required string Name { get; init; }

    /// <summary>How the carrier knows us.</summary>
    public required TrunkKind Kind { get; init; }

    /// <summary>A registered trunk's lines, in the order of its accounts; none while it is disabled, and none of an IP trunk.</summary>
    public required IReadOnlyList<TrunkLineDto> Lines { get; init; }

    /// <summary>Whether it may be used.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Calls over it now, of all tenants, both directions, those that ring included: the channels in use.</summary>
    public required int Calls { get; init; }

    /// <summary>Calls at one time at most, of all tenants together, <see langword="null"/>: no limit.</summary>
    public int? MaxChannels { get; init; }

    /// <summary>Tenants that use it and are in some worker's memory.</summary>
    public required int Tenants { get; init; }

    /// <summary>Whether the carrier answers OPTIONS: down where it answers none of the tenants that ask, up where it answers one.</summary>
    public required TrunkReach Reach { get; init; }

    /// <summary>How many of the tenants get no answer.</summary>
    public required int TenantsDown { get; init; }

    /// <summary>What the last of these heard from the carrier, or why it heard nothing; absent where there is none.</summary>
    public TrunkFailureDto? LastFailure { get; init; }

    /// <summary>The last call, of whichever tenant, that the carrier did not take for reasons of its own, in its own words; absent where it took all.</summary>
    public TrunkFailureDto? LastCallFailure { get; init; }

    /// <summary>When the carrier took a call of the same tenant's for the first time after <see cref="LastCallFailure"/>, UTC; absent while it has not.</summary>
    public DateTime? CallsAgainSince { get; init; }
}
