namespace CloudPbx.CallControl.Tenants;

/// <summary>The other live workers as Orleans sees them, who decides where tenants live.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class OtherSilos(ISiloStatusOracle silos)
{
    /// <summary>Their addresses, in an order that all workers share.</summary>
    public IReadOnlyList<SiloAddress> Live =>
        [.. silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Where(silo => !silo.Equals(silos.SiloAddress)).Order()];

    /// <summary>Whether this worker is the one of all live ones that sees to a tenant which lives nowhere.</summary>
    /// <param name="number">A number of the tenant's that is as good as random.</param>
    public bool IsOurs(uint number)
    {
        SiloAddress[] all = [.. Live.Append(silos.SiloAddress).Order()];
        return all[number % (uint)all.Length].Equals(silos.SiloAddress);
    }
}
