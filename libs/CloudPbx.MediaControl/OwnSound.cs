using CloudPbx.Contracts.Ids;

namespace CloudPbx.MediaControl;

/// <summary>A tenant's own sound. Its audio lies in the object store, sealed; the node fetches it and keeps it for a while.</summary>
public sealed record OwnSound
{
    /// <summary>What every name of an own sound begins with.</summary>
    public const string Prefix = "own/";

    /// <summary>Whose.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>Names the audio: another one where the sound is another.</summary>
    public required RecordingId Audio { get; init; }

    /// <summary>The audio's key, 32 octets.</summary>
    public required ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>The built-in sound that plays where this one cannot be had; null: none does.</summary>
    public string? Instead { get; init; }

    /// <summary>Its name among <see cref="PromptRequest.Sounds"/>.</summary>
    public string Name => Prefix + Audio;

    /// <summary>Does not tell the key.</summary>
    public override string ToString() => Name;
}
