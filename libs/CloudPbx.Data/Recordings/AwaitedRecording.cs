using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Recordings;

/// <summary>A recording whose audio is not known to be in the object store yet. Goes when <c>recording.ready</c> is written, in one transaction.</summary>
public sealed class AwaitedRecording : ITenantOwned
{
    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>The recording.</summary>
    public required RecordingId Id { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTime Since { get; init; }
}
