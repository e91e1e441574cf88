namespace CloudPbx.Contracts.Api;

/// <summary>A free number of the platform's inventory to take.</summary>
public sealed record NumberChoice
{
    /// <summary>One of <c>/free-numbers</c>: E.164 with a leading <c>+</c>.</summary>
    public required string Number { get; init; }

    /// <summary>The number inside that its calls reach; nobody yet if absent.</summary>
    public string? Extension { get; init; }
}
