namespace CloudPbx.Contracts.Api;

/// <summary>A telephone number: to add, to change, and in a tenant's document.</summary>
public sealed record NumberDocument
{
    /// <summary>E.164 with a leading <c>+</c>; belongs to one tenant of the platform.</summary>
    public required string Number { get; init; }

    /// <summary>Name of the trunk over which it is reached and may be shown; every trunk of the tenant if absent.</summary>
    public string? Trunk { get; init; }

    /// <summary>The extension that its calls reach; nobody if absent.</summary>
    public string? Extension { get; init; }
}
