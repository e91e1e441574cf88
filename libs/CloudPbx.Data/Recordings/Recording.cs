using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Recordings;

/// <summary>A recording of a call. Written with the call's record; its audio lies in the object store.</summary>
public sealed class Recording : ITenantOwned
{
    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>The recording's identifier.</summary>
    public required RecordingId Id { get; init; }

    /// <summary>The call's identifier: also its record's.</summary>
    public required CallId CallId { get; init; }

    /// <summary>Its place in the order in which the tenant's records were stored.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>How long it plays, in milliseconds.</summary>
    public required long DurationMilliseconds { get; init; }

    /// <summary>The caller's number.</summary>
    public required string CallerNumber { get; init; }

    /// <summary>What was dialled.</summary>
    public required string CalledNumber { get; init; }

    /// <summary>Between whom the call was.</summary>
    public required CallDirection Direction { get; init; }

    /// <summary>Something that was said is missing.</summary>
    public required bool IsPartial { get; init; }

    /// <summary>How often packets never came.</summary>
    public required int Gaps { get; init; }

    /// <summary>How long those were together, in milliseconds.</summary>
    public required long ConcealedMilliseconds { get; init; }

    /// <summary>Octets of the sealed audio.</summary>
    public required long Length { get; init; }

    /// <summary>SHA-256 of the sealed audio, or <see langword="null"/>.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Places that are not as they were spoken.</summary>
    public IReadOnlyList<RecordedNote> Notes { get; init; } = [];

    /// <summary>Its key, sealed by the tenant's.</summary>
    public required byte[] SealedKey { get; init; }
}
