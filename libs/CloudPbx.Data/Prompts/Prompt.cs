using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Prompts;

/// <summary>A sound that a tenant has uploaded. Its audio lies in the object store, sealed.</summary>
public sealed class Prompt : ITenantOwned, IVersioned
{
    /// <summary>The longest name.</summary>
    public const int MaximumNameLength = 63;

    /// <summary>Its identifier.</summary>
    public required PromptId Id { get; init; }

    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>What settings call it, unique in its tenant.</summary>
    public required string Name { get; init; }

    /// <summary>Names the sealed audio, in the store and in the nodes' memory: another one with each upload, so that nothing old is ever heard.</summary>
    public required RecordingId Audio { get; set; }

    /// <summary>The audio's key, sealed by the tenant's.</summary>
    public required byte[] SealedKey { get; set; }

    /// <summary>How long it plays, in milliseconds.</summary>
    public required long DurationMilliseconds { get; set; }

    /// <summary>Octets of the sealed audio.</summary>
    public required long Length { get; set; }

    /// <summary>When the audio was uploaded, UTC.</summary>
    public required DateTime UploadedAt { get; set; }

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
