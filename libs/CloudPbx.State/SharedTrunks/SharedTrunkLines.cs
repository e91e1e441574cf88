using CloudPbx.Contracts.Ids;

namespace CloudPbx.State.SharedTrunks;

/// <summary>How the lines of a registered shared trunk stand, as their keeper tells: tenants call by the way that they are registered by.</summary>
/// <param name="Trunk">The shared trunk.</param>
/// <param name="Epoch">The keeper's activation: of two that tell, the higher one counts.</param>
public sealed record SharedTrunkLines(TrunkId Trunk, long Epoch)
{
    /// <summary>The edge by which they are registered; <see langword="null"/>: none is.</summary>
    public uint? EdgeId { get; init; }

    /// <summary>Addresses of the servers at which they register: calls to the lines come from there.</summary>
    public IReadOnlyList<string> Servers { get; init => field = value ?? []; } = [];

    /// <summary>The lines.</summary>
    public IReadOnlyList<SharedTrunkLine> Lines { get; init => field = value ?? []; } = [];
}

/// <summary>One of them.</summary>
/// <param name="Account">The account's user.</param>
public sealed record SharedTrunkLine(string Account)
{
    /// <summary>Since when it is registered without a gap, UTC; <see langword="null"/> while it is not.</summary>
    public DateTime? RegisteredSince { get; init; }

    /// <summary>Until when the carrier holds it, UTC.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>When the last attempt failed, UTC; <see langword="null"/>: none did.</summary>
    public DateTime? FailedAt { get; init; }

    /// <summary>What the carrier said to that; 0: nothing.</summary>
    public int FailureStatus { get; init; }

    /// <summary>Its words, or ours where there was no way to it.</summary>
    public string? FailureReason { get; init; }

    /// <summary>The realm in which the carrier challenges the account, as far as it has: the only one that is answered with its password (SECURITY.md S4).</summary>
    public string? Realm { get; init; }
}
