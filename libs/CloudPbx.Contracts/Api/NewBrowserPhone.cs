namespace CloudPbx.Contracts.Api;

/// <summary>A phone in a browser to make.</summary>
public sealed record NewBrowserPhone
{
    /// <summary>The number of its extension; a user's own.</summary>
    public required string Extension { get; init; }
}
