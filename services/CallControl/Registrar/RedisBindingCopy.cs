using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Registrar;

/// <summary>The copy of the bindings in Redis.</summary>
internal sealed class RedisBindingCopy(BindingStore store) : IBindingCopy
{
    /// <inheritdoc/>
    public Task<StoreOutcome> SaveAsync(
        TenantId tenant, long epoch, IReadOnlyCollection<Binding> save, IReadOnlyCollection<string> remove, CancellationToken cancel) =>
        store.SaveAsync(tenant, epoch, save, remove, cancel);
}
