namespace CloudPbx.Portal.ApiClient;

/// <summary>Something that was read together with its version, so that a change of it meets nobody else's.</summary>
/// <typeparam name="T">What was read.</typeparam>
/// <param name="Value">It.</param>
/// <param name="ETag">What goes into <c>If-Match</c>; <see langword="null"/> where the API gives none.</param>
public sealed record Versioned<T>(T Value, string? ETag);
