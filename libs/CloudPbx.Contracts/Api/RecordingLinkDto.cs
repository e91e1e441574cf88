namespace CloudPbx.Contracts.Api;

/// <summary>An address under which whoever has it hears a recording for a short time.</summary>
/// <param name="Url">The address.</param>
/// <param name="ExpiresAt">Until when, UTC.</param>
public sealed record RecordingLinkDto(string Url, DateTime ExpiresAt);
