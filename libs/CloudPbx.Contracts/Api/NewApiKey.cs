namespace CloudPbx.Contracts.Api;

/// <summary>A program to let in.</summary>
public sealed record NewApiKey
{
    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it may change anything; <see langword="false"/> if absent: it only reads.</summary>
    public bool? MayWrite { get; init; }
}
