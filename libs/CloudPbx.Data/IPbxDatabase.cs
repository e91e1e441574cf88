using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data;

/// <summary>Opens contexts for work that has no request: runtimes, consumers, the directory.</summary>
/// <remarks>Thread-safe; singleton. The caller disposes what it opened.</remarks>
public interface IPbxDatabase
{
    /// <summary>Opens a context that sees one tenant.</summary>
    /// <param name="tenant">Which.</param>
    PbxDbContext OpenTenant(TenantId tenant);

    /// <summary>Opens a context that sees all tenants; who may call this is listed by an architecture test.</summary>
    PlatformDbContext OpenPlatform();
}
