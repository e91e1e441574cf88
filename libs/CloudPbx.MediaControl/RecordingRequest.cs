using CloudPbx.Contracts.Ids;

namespace CloudPbx.MediaControl;

/// <summary>How a call is to be recorded from now on. Given again it changes what is different: the legs after a transfer, a pause.</summary>
public sealed record RecordingRequest
{
    /// <summary>Which recording.</summary>
    public required RecordingId Recording { get; init; }

    /// <summary>The call.</summary>
    public required CallId Session { get; init; }

    /// <summary>Whose: part of the file's place.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>The recording's own key, 32 octets: what is written is sealed at once.</summary>
    public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>The leg whose voice is in the left channel: the caller's.</summary>
    public required int Left { get; init; }

    /// <summary>The leg in the right channel, or null: nobody (an echo test), or the conference that the left one takes part in, as it hears it.</summary>
    public int? Right { get; init; }

    /// <summary>Whether nothing is recorded for a while; the time is kept.</summary>
    public bool IsPaused { get; init; }
}
