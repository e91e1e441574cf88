using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Registrar;

/// <summary>Where bindings are copied to, for Api and for the tenant's next owner.</summary>
internal interface IBindingCopy
{
    /// <summary>Writes and removes bindings; never throws for a store that is away.</summary>
    /// <returns>Completes within <see cref="CallControlOptions.BindingStoreWaitMilliseconds"/>, its continuations asynchronously: a slow store is <see cref="StoreOutcome.Away"/>.</returns>
    Task<StoreOutcome> SaveAsync(TenantId tenant, long epoch, IReadOnlyCollection<Binding> save, IReadOnlyCollection<string> remove);
}
