namespace CloudPbx.Contracts.Api;

/// <summary>One trunk that would be tried.</summary>
/// <param name="Trunk">Its name.</param>
/// <param name="CalledNumber">The called number as it would be sent.</param>
/// <param name="CallerNumber">The caller's number as it would be sent, or <see langword="null"/>: none of the tenant's may be shown.</param>
public sealed record RoutingTrunkDto(string Trunk, string CalledNumber, string? CallerNumber);
