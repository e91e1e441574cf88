using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Events;

/// <summary>A call ended. Published once per call, delivered at least once: consumers are idempotent by <see cref="CallId"/>.</summary>
public sealed record CallEnded
{
    /// <summary>Whose call.</summary>
    public required TenantId TenantId { get; init; }

    /// <summary>Which call; the key of its record.</summary>
    public required CallId CallId { get; init; }

    /// <summary>The caller's number: an extension, or a trunk caller's number. At most 64 characters are kept.</summary>
    public required string CallerNumber { get; init; }

    /// <summary>The caller's display name, not to be trusted. At most 128 characters are kept.</summary>
    public string? CallerName { get; init; }

    /// <summary>What was dialled. At most 64 characters are kept.</summary>
    public required string CalledNumber { get; init; }

    /// <summary>The extension (or <c>*43</c>) that answered, or <see langword="null"/>.</summary>
    public string? AnsweredBy { get; init; }

    /// <summary>Between whom.</summary>
    public CallDirection Direction { get; init; }

    /// <summary>The trunk that it came by, or the last one that was tried; <see langword="null"/> for a call inside.</summary>
    public TrunkId? TrunkId { get; init; }

    /// <summary>That trunk's name then.</summary>
    public string? TrunkName { get; init; }

    /// <summary>The number outside that was called, or the number of ours that was called from there, as the carrier got or gave it. At most 64 characters.</summary>
    public string? TrunkNumber { get; init; }

    /// <summary>The carrier's last final status; 0 where it could not be reached, <see langword="null"/> where it gave none.</summary>
    public int? TrunkStatus { get; init; }

    /// <summary>What the call cost by the tenant's rate table, in millionths of its currency; <see langword="null"/> where no rate applies.</summary>
    public long? CostMicroUnits { get; init; }

    /// <summary>How it ended.</summary>
    public required CallDisposition Disposition { get; init; }

    /// <summary>When the caller's INVITE came, UTC.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>When it was answered, UTC, or <see langword="null"/>.</summary>
    public DateTime? AnsweredAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public required DateTime EndedAt { get; init; }

    /// <summary>The final SIP status that the caller got (200, 486 …), or 0 where none was sent.</summary>
    public int SipStatus { get; init; }

    /// <summary>Text of the Reason header field or the status's phrase (RFC 3326). At most 256 characters are kept.</summary>
    public string? Reason { get; init; }

    /// <summary>The Q.850 cause, where a peer gave one.</summary>
    public int? Q850Cause { get; init; }

    /// <summary>Who ended it.</summary>
    public CallParty ReleasedBy { get; init; }

    /// <summary>The trace that the call belongs to, as W3C <c>traceparent</c>; <see langword="null"/> where it was not traced.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Its recordings.</summary>
    /// <remarks>Set, not init: the generated reader of a fact that an older version wrote would write null over the default.</remarks>
    public IReadOnlyList<CallRecording> Recordings { get; set; } = [];

    /// <summary>What decided where it went, in order, the forwards that it took among them. At most 60 are kept.</summary>
    public IReadOnlyList<DecisionStep> Steps { get; set; } = [];

    /// <summary>The legs' media figures; empty where no media was set up.</summary>
    public IReadOnlyList<LegMedia> Media { get; init; } = [];

    /// <summary>The SIP messages of its legs; <see langword="null"/> where none were kept.</summary>
    public SipLadder? Ladder { get; init; }
}
