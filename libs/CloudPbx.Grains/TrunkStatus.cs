using CloudPbx.Contracts.Trunks;
using Orleans;

namespace CloudPbx.Grains;

/// <summary>A trunk as it stands now.</summary>
[GenerateSerializer, Immutable, Alias("CloudPbx.TrunkStatus")]
public sealed record TrunkStatus
{
    /// <summary>Its name, unique in the tenant.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>How the carrier knows us.</summary>
    [Id(1)] public required TrunkKind Kind { get; init; }

    /// <summary>Whether it may be used.</summary>
    [Id(2)] public required bool Enabled { get; init; }

    /// <summary>Calls over it now, both directions, those that ring included.</summary>
    [Id(3)] public required int Calls { get; init; }

    /// <summary>Calls at one time at most, <see langword="null"/>: no limit.</summary>
    [Id(4)] public int? MaxChannels { get; init; }

    /// <summary>A registered trunk's lines, in the order of its accounts; none while it is disabled.</summary>
    [Id(5)] public IReadOnlyList<TrunkStatusLine> Lines { get; init; } = [];

    /// <summary>Whether the carrier answers OPTIONS.</summary>
    [Id(6)] public TrunkReach Reach { get; init; }

    /// <summary>Since when it is so, UTC.</summary>
    [Id(7)] public DateTime? ReachSince { get; init; }

    /// <summary>The status of the last OPTIONS; <see langword="null"/> where it had no answer, or there was none.</summary>
    [Id(8)] public int? OptionsStatus { get; init; }

    /// <summary>The carrier's own words then, not to be trusted, or ours where there was no way to it.</summary>
    [Id(9)] public string? OptionsReason { get; init; }

    /// <summary>What showed that the carrier does not cope with 100rel, so that calls do without (policy <c>auto</c>); <see langword="null"/>: nothing did.</summary>
    [Id(10)] public string? Rel100Learned { get; init; }

    /// <summary>Why requests that are too long for UDP go by it all the same (RFC 3261 §18.1.1): what came of TCP; <see langword="null"/>: nothing is in the way.</summary>
    [Id(11)] public string? WithoutTcp { get; init; }

    /// <summary>When TCP is tried again, UTC; <see langword="null"/> with <see cref="WithoutTcp"/>.</summary>
    [Id(12)] public DateTime? TcpAgainAt { get; init; }

    /// <summary>The last call that the carrier did not take for reasons of its own, also where it took a later one; <see langword="null"/>: it took all.</summary>
    [Id(13)] public TrunkStatusFailure? CallFailure { get; init; }

    /// <summary>When it took a call for the first time after that, UTC; <see langword="null"/> while it has not.</summary>
    [Id(14)] public DateTime? CallsAgainSince { get; init; }
}

/// <summary>Where the registration of one line stands.</summary>
[GenerateSerializer, Immutable, Alias("CloudPbx.TrunkStatusLine")]
public sealed record TrunkStatusLine
{
    /// <summary>The account's user; empty for a line of a shared trunk, whose accounts are its owner's.</summary>
    [Id(0)] public required string Account { get; init; }

    /// <summary>Since when it is registered without a gap, UTC; <see langword="null"/> while it is not.</summary>
    [Id(1)] public DateTime? RegisteredSince { get; init; }

    /// <summary>Until when the carrier holds it, UTC.</summary>
    [Id(2)] public DateTime? ExpiresAt { get; init; }

    /// <summary>The last attempt that failed, also where a later one did not; <see langword="null"/>: none did.</summary>
    [Id(3)] public TrunkStatusFailure? LastFailure { get; init; }
}

/// <summary>An attempt to register, or a call, that failed.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Status">The carrier's status; 0 where it said nothing.</param>
/// <param name="Reason">The carrier's own words, not to be trusted, or ours where it could not be reached.</param>
[GenerateSerializer, Immutable, Alias("CloudPbx.TrunkStatusFailure")]
public sealed record TrunkStatusFailure([property: Id(0)] DateTime At, [property: Id(1)] int Status, [property: Id(2)] string Reason);
