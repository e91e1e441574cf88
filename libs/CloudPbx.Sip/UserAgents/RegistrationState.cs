namespace CloudPbx.Sip.UserAgents;

/// <summary>Where a <see cref="RegistrationClient"/> stands.</summary>
/// <param name="IsRegistered">Whether the registrar holds our binding, as far as we know.</param>
/// <param name="StatusCode">The last final response's status code; 408 or 503 where none came, 0 before the first.</param>
/// <param name="ReasonPhrase">Its reason phrase.</param>
/// <param name="ExpiresAt">When the binding ends unless it is refreshed; <see langword="null"/> if there is none.</param>
public sealed record RegistrationState(bool IsRegistered, int StatusCode, string ReasonPhrase, DateTimeOffset? ExpiresAt);
