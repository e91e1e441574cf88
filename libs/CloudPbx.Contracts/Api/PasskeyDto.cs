namespace CloudPbx.Contracts.Api;

/// <summary>A passkey by which somebody signs in.</summary>
/// <param name="Name">What they call it.</param>
/// <param name="CreatedAt">When it was added, UTC.</param>
public sealed record PasskeyDto(string Name, DateTime CreatedAt);
