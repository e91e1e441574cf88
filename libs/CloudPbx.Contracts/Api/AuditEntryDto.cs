namespace CloudPbx.Contracts.Api;

/// <summary>Who changed what, when and from where.</summary>
public sealed record AuditEntryDto
{
    /// <summary>The entry's identifier.</summary>
    public required Guid Id { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>Who: a user's identifier, or <c>client:</c> and a program's.</summary>
    public required string Actor { get; init; }

    /// <summary>Their name at that time.</summary>
    public required string ActorName { get; init; }

    /// <summary>The operation, as this API's description names it.</summary>
    public required string Action { get; init; }

    /// <summary>The request's path.</summary>
    public required string Target { get; init; }

    /// <summary>The answer's HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>From which address.</summary>
    public string? Address { get; init; }
}
