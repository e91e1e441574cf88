using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>What applying a document did.</summary>
public sealed record ApplyReport
{
    /// <summary>The tenant.</summary>
    public required TenantId Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the tenant is new.</summary>
    public required bool Created { get; init; }

    /// <summary>Whether anything was changed; applying the same document again changes nothing.</summary>
    public required bool Changed { get; init; }

    /// <summary>The tenant's <c>configVersion</c> now.</summary>
    public required long ConfigVersion { get; init; }

    /// <summary>What was done, one line each: <c>extension 100 created</c>.</summary>
    public required IReadOnlyList<string> Changes { get; init; }

    /// <summary>Passwords that were generated: shown here and never again, except by an export.</summary>
    public required IReadOnlyList<GeneratedSecret> GeneratedSecrets { get; init; }
}
