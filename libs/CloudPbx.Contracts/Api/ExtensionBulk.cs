namespace CloudPbx.Contracts.Api;

/// <summary>Extensions to create, or to change, at once.</summary>
public sealed record ExtensionBulk
{
    /// <summary>The extensions, as in a tenant's document; 10,000 at most.</summary>
    public required IReadOnlyList<ExtensionDocument> Extensions { get; init; }
}
