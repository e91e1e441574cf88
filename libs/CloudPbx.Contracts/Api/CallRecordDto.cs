using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>The record of an ended call.</summary>
public sealed record CallRecordDto
{
    /// <summary>The call's identifier.</summary>
    public required CallId Id { get; init; }

    /// <summary>The caller's number.</summary>
    public required string CallerNumber { get; init; }

    /// <summary>The caller's display name; written by a stranger, control characters removed.</summary>
    public string? CallerName { get; init; }

    /// <summary>What was dialled.</summary>
    public required string CalledNumber { get; init; }

    /// <summary>Who answered.</summary>
    public string? AnsweredBy { get; init; }

    /// <summary>Between whom.</summary>
    public required CallDirection Direction { get; init; }

    /// <summary>The trunk that it came by, or the last one that was tried; absent for a call inside. The trunk may have been deleted since.</summary>
    public TrunkId? TrunkId { get; init; }

    /// <summary>That trunk's name then.</summary>
    public string? TrunkName { get; init; }

    /// <summary>The number outside that was called, or the number of ours that was called from there, as the carrier got or gave it.</summary>
    public string? TrunkNumber { get; init; }

    /// <summary>The carrier's last final SIP status; 0 where it could not be reached, absent where it gave none.</summary>
    public int? TrunkStatus { get; init; }

    /// <summary>What the call cost by the tenant's rate table, in millionths of its currency; absent where no rate applies.</summary>
    public long? CostMicroUnits { get; init; }

    /// <summary>How it ended.</summary>
    public required CallDisposition Disposition { get; init; }

    /// <summary>When the caller's INVITE came, UTC.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>When it was answered, UTC.</summary>
    public DateTime? AnsweredAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public required DateTime EndedAt { get; init; }

    /// <summary>From answer to end, in milliseconds.</summary>
    public required long TalkMilliseconds { get; init; }

    /// <summary>The final SIP status that the caller got, or 0.</summary>
    public required int SipStatus { get; init; }

    /// <summary>Text of the reason.</summary>
    public string? Reason { get; init; }

    /// <summary>The Q.850 cause.</summary>
    public int? Q850Cause { get; init; }

    /// <summary>Who ended it.</summary>
    public required CallParty ReleasedBy { get; init; }

    /// <summary>What decided where it went, in order, the forwards that it took among them; empty in records of before there were any.</summary>
    public required IReadOnlyList<RoutingStepDto> Steps { get; init; }

    /// <summary>Its recordings; <c>/recordings/{id}</c> has them.</summary>
    public required IReadOnlyList<RecordingId> Recordings { get; init; }

    /// <summary>The legs' media figures.</summary>
    public required IReadOnlyList<LegMedia> Media { get; init; }
}
