using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Tenancy;

/// <summary>The tenant that the present scope (a request, a consumed message) works for. Set once; unset, the database shows nothing.</summary>
/// <remarks>Scoped. Not thread-safe: set before the scope's work begins.</remarks>
public sealed class TenantContext
{
    private TenantId? _tenantId;

    /// <summary>Makes a context whose tenant is not known yet.</summary>
    public TenantContext()
    {
    }

    /// <summary>Makes a context of a tenant.</summary>
    /// <param name="tenantId">The tenant; not the empty one.</param>
    public TenantContext(TenantId tenantId) => Enter(tenantId);

    /// <summary>Whether the tenant is known.</summary>
    public bool IsSet => _tenantId is not null;

    /// <summary>The tenant.</summary>
    /// <exception cref="InvalidOperationException">The scope has no tenant: a bug of ours.</exception>
    public TenantId TenantId => _tenantId ?? throw new InvalidOperationException("This scope has no tenant.");

    /// <summary>Says for whom the scope works.</summary>
    /// <param name="tenantId">The tenant; not the empty one.</param>
    /// <exception cref="InvalidOperationException">Another tenant was entered before.</exception>
    public void Enter(TenantId tenantId)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(tenantId, default);
        if (_tenantId is { } present && present != tenantId)
            throw new InvalidOperationException("A scope works for one tenant.");
        _tenantId = tenantId;
    }
}
