using CloudPbx.Contracts.Ids;

namespace CloudPbx.State.SharedTrunks;

/// <summary>What the tenants of one worker make of a shared trunk.</summary>
/// <param name="Trunk">The shared trunk, not a tenant's copy.</param>
/// <param name="Channels">Calls over it, both directions.</param>
public sealed record SharedTrunkUse(TrunkId Trunk, int Channels)
{
    /// <summary>Tenants with a copy of it that live there.</summary>
    public int Tenants { get; init; }

    /// <summary>Those whose OPTIONS the carrier answers.</summary>
    public int Up { get; init; }

    /// <summary>Those whose OPTIONS it leaves unanswered.</summary>
    public int Down { get; init; }

    /// <summary>Since when the last of these has been without an answer, UTC.</summary>
    public DateTime? FailedAt { get; init; }

    /// <summary>What the carrier said to it; 0: nothing.</summary>
    public int FailureStatus { get; init; }

    /// <summary>Its words, or ours where there was no way to it.</summary>
    public string? FailureReason { get; init; }

    /// <summary>When the carrier last did not take a call of theirs for reasons of its own, UTC.</summary>
    public DateTime? CallFailedAt { get; init; }

    /// <summary>What it said then; 0: nothing.</summary>
    public int CallFailureStatus { get; init; }

    /// <summary>Its words, or ours where there was no way to it.</summary>
    public string? CallFailureReason { get; init; }

    /// <summary>When it took a call of that tenant's for the first time after that, UTC.</summary>
    public DateTime? CallsAgainSince { get; init; }
}
