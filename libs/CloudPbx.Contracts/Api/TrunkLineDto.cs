namespace CloudPbx.Contracts.Api;

/// <summary>Where the registration of one line at its carrier stands.</summary>
public sealed record TrunkLineDto
{
    /// <summary>The account's user; to tenants empty for a line of a shared trunk, whose accounts are its owner's.</summary>
    public required string Account { get; init; }

    /// <summary>Since when it is registered without a gap, UTC; <see langword="null"/> while it is not.</summary>
    public DateTime? RegisteredSince { get; init; }

    /// <summary>Until when the carrier holds it unless it is refreshed, UTC.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>The last attempt that failed, also where a later one did not; <see langword="null"/>: none did since the line was taken up.</summary>
    public TrunkFailureDto? LastFailure { get; init; }
}
