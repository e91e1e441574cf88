using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Tenants;

/// <summary>Reads whole tenants from SQL, for the tenants' runtimes.</summary>
public interface ITenantConfigurationSource
{
    /// <summary>Reads everything that a tenant's calls need, in one set of queries and one transaction; or what the keeper of a registered shared trunk needs (<see cref="Trunks.GlobalTrunk.Keeper"/>).</summary>
    /// <param name="tenant">Which.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <returns>The configuration, or why there is none. A database that is away is a result, not an exception.</returns>
    /// <remarks>Thread-safe; singleton.</remarks>
    Task<TenantLoad> LoadAsync(TenantId tenant, CancellationToken cancel);

    /// <summary>Reads the version of a tenant's configuration, and nothing else of it.</summary>
    /// <param name="tenant">Which.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <returns>The version; <see langword="null"/> where there is no such tenant, or the database is away.</returns>
    Task<long?> FindVersionAsync(TenantId tenant, CancellationToken cancel);

    /// <summary>Reads a configuration from what <see cref="TenantConfiguration.ToBytes"/> wrote, with the keyring that can open its secrets.</summary>
    /// <param name="content">The octets, from <c>TenantSnapshotStore</c>.</param>
    /// <returns>The configuration, or <see langword="null"/> where another version of the product wrote what this one cannot read.</returns>
    TenantConfiguration? Read(ReadOnlySpan<byte> content);
}
