using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.CallRecords;

/// <summary>The record of an ended call. Written once, by the consumer of <see cref="CallEnded"/>; the fields mean what they mean there.</summary>
public sealed class CallRecord : ITenantOwned
{
    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>The call's identifier.</summary>
    public required CallId Id { get; init; }

    /// <summary>Its place in the order in which the tenant's records were stored.</summary>
    public required long Sequence { get; init; }

    /// <summary>The caller's number.</summary>
    public required string CallerNumber { get; init; }

    /// <summary>The caller's display name.</summary>
    public string? CallerName { get; init; }

    /// <summary>What was dialled.</summary>
    public required string CalledNumber { get; init; }

    /// <summary>Who answered.</summary>
    public string? AnsweredBy { get; init; }

    /// <summary>Between whom.</summary>
    public required CallDirection Direction { get; init; }

    /// <summary>The trunk that it came by or was tried last. No reference: records outlive trunks.</summary>
    public TrunkId? TrunkId { get; init; }

    /// <summary>That trunk's name then.</summary>
    public string? TrunkName { get; init; }

    /// <summary>The number outside, or of ours, in the carrier's form.</summary>
    public string? TrunkNumber { get; init; }

    /// <summary>The carrier's last final status; 0: not reached.</summary>
    public int? TrunkStatus { get; init; }

    /// <summary>What it cost, in millionths of the rate table's currency.</summary>
    public long? CostMicroUnits { get; init; }

    /// <summary>How it ended.</summary>
    public required CallDisposition Disposition { get; init; }

    /// <summary>When the caller's INVITE came, UTC.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>When it was answered, UTC.</summary>
    public DateTime? AnsweredAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public required DateTime EndedAt { get; init; }

    /// <summary>From answer to end, in milliseconds; 0 where it was not answered.</summary>
    public required long TalkMilliseconds { get; init; }

    /// <summary>The final SIP status that the caller got, or 0.</summary>
    public required int SipStatus { get; init; }

    /// <summary>Text of the reason.</summary>
    public string? Reason { get; init; }

    /// <summary>The Q.850 cause.</summary>
    public int? Q850Cause { get; init; }

    /// <summary>Who ended it.</summary>
    public required CallParty ReleasedBy { get; init; }

    /// <summary>What decided where it went.</summary>
    public IReadOnlyList<DecisionStep> Steps { get; init; } = [];

    /// <summary>The legs' media figures.</summary>
    public IReadOnlyList<LegMedia> Media { get; init; } = [];
}
