using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>A trunk as it stands now.</summary>
public sealed record TrunkStatusDto
{
    /// <summary>The trunk's name.</summary>
    public required string Name { get; init; }

    /// <summary>How the carrier knows us.</summary>
    public required TrunkKind Kind { get; init; }

    /// <summary>Whether it may be used.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Calls over it now, both directions, those that ring included: the channels in use.</summary>
    public required int Calls { get; init; }

    /// <summary>Calls at one time at most, <see langword="null"/>: no limit.</summary>
    public int? MaxChannels { get; init; }

    /// <summary>A registered trunk's lines; none while it is disabled, and none of an IP trunk.</summary>
    public required IReadOnlyList<TrunkLineDto> Lines { get; init; }

    /// <summary>Whether the carrier answers OPTIONS. One that is down is passed over by routes that have another trunk.</summary>
    public required TrunkReach Reach { get; init; }

    /// <summary>Since when it is so, UTC.</summary>
    public DateTime? ReachSince { get; init; }

    /// <summary>The status of the last OPTIONS; absent where it had no answer.</summary>
    public int? OptionsStatus { get; init; }

    /// <summary>The carrier's own words then, or ours where there was no way to it.</summary>
    public string? OptionsReason { get; init; }

    /// <summary>With the policy <c>auto</c>: why calls do without reliable provisional responses now; absent where they do not.</summary>
    public string? Rel100Learned { get; init; }

    /// <summary>Why requests that are too long for UDP go by it all the same (RFC 3261 §18.1.1): what came of TCP; absent where nothing is in the way.</summary>
    public string? WithoutTcp { get; init; }

    /// <summary>When TCP is tried again, UTC.</summary>
    public DateTime? TcpAgainAt { get; init; }

    /// <summary>The last call that the carrier did not take for reasons of its own (it could not be reached, refused us, was full …), in its own words; kept when it takes calls again. Absent where it took all since the tenant's worker has had it in memory.</summary>
    public TrunkFailureDto? LastCallFailure { get; init; }

    /// <summary>When the carrier took a call for the first time after <see cref="LastCallFailure"/>, UTC; absent while it has not.</summary>
    public DateTime? CallsAgainSince { get; init; }
}
