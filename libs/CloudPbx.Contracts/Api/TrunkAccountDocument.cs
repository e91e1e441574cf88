namespace CloudPbx.Contracts.Api;

/// <summary>An account at a carrier.</summary>
public sealed record TrunkAccountDocument
{
    /// <summary>The user part of the line's address, unique in the trunk.</summary>
    public required string User { get; init; }

    /// <summary>The user name for the password; the user if absent.</summary>
    public string? AuthUser { get; init; }

    /// <summary>The carrier's password in clear. Absent: kept of an account that exists. Never listed, only exported.</summary>
    public string? Password { get; init; }
}
