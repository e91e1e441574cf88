using CloudPbx.Contracts.Ids;

namespace CloudPbx.State.Bindings;

/// <summary>What a tenant's owner writes at once.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Epoch">The epoch of the tenant's owner, from <see cref="Tenants.EpochStore"/>.</param>
/// <param name="Save">Bindings to write.</param>
/// <param name="Remove">Keys (<see cref="Binding.Key"/>) of bindings to remove; unknown ones do no harm.</param>
public sealed record BindingChanges(TenantId Tenant, long Epoch, IReadOnlyCollection<Binding> Save, IReadOnlyCollection<string> Remove);
