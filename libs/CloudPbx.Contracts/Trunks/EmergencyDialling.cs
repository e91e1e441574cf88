using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Trunks;

/// <summary>What is dialled for help, and by whom: tenants that dial the same stand together in the edges' directory.</summary>
public sealed record EmergencyDialling
{
    /// <summary>What dials an emergency number, with and without outside prefix.</summary>
    public required IReadOnlyList<string> Dialled { get; init; }

    /// <summary>Whose phones dial it; a tenant stands in one entry at most.</summary>
    public required IReadOnlyList<TenantId> Tenants { get; init; }
}
