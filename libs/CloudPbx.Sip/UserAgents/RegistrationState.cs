namespace CloudPbx.Sip.UserAgents;

/// <summary>Where a <see cref="RegistrationClient"/> stands.</summary>
/// <param name="IsRegistered">Whether the registrar holds our binding, as far as we know.</param>
/// <param name="StatusCode">The last final response's status code; 408 or 503 where none came, 0 before the first.</param>
/// <param name="ReasonPhrase">Its reason phrase.</param>
/// <param name="ExpiresAt">When the binding ends unless it is refreshed; <see langword="null"/> if there is none.</param>
public sealed record RegistrationState(bool IsRegistered, int StatusCode, string ReasonPhrase, DateTimeOffset? ExpiresAt)
{
    /// <summary>The longest time for which a registrar is left in peace because it says so.</summary>
    public static readonly TimeSpan LongestPatience = TimeSpan.FromHours(1);

    /// <summary>Gets how long the registrar does not want to be asked again (RFC 3261 §20.33), at most <see cref="LongestPatience"/>; <see langword="null"/> if it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
