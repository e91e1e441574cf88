namespace CloudPbx.Contracts.Api;

/// <summary>A webhook to make, or as it is to be.</summary>
public sealed record NewWebhook
{
    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>Where events are sent to: <c>https://…</c>.</summary>
    public required string Url { get; init; }

    /// <summary>Which events (<c>call.ended</c>); absent or empty: all.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>Whether anything is sent; <see langword="true"/> if absent.</summary>
    public bool? Enabled { get; init; }
}
