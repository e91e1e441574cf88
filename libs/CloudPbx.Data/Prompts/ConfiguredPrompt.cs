using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Prompts;

/// <summary>A tenant's own sound as calls need it.</summary>
/// <param name="Name">What settings call it.</param>
/// <param name="Audio">Names the sealed audio.</param>
/// <param name="SealedKey">The audio's key, sealed by the tenant's.</param>
public sealed record ConfiguredPrompt(string Name, RecordingId Audio, byte[] SealedKey);
