namespace CloudPbx.CallControl.Tenants;

/// <summary>The other live workers as Orleans sees them, who decides where tenants live.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class OtherSilos(ISiloStatusOracle silos, DrainingWorkers draining)
{
    /// <summary>Their addresses, in an order that all workers share; without those that are about to stop.</summary>
    public IReadOnlyList<SiloAddress> Live =>
        [.. silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Where(silo => !silo.Equals(silos.SiloAddress) && !draining.IsLeaving(silo)).Order()];

    /// <summary>Those of them that are not drained.</summary>
    public IReadOnlyList<SiloAddress> Open => [.. Live.Where(silo => !draining.Contains(silo))];

    /// <summary>Where tenants of this worker may move: to who is not drained; where every other one is, to those.</summary>
    public IReadOnlyList<SiloAddress> Targets => Open is { Count: > 0 } open ? open : Live;

    /// <summary>Whether this worker is the one of all live ones that sees to a tenant which lives nowhere.</summary>
    /// <param name="number">A number of the tenant's that is as good as random.</param>
    public bool IsOurs(uint number)
    {
        SiloAddress[] all = [.. Live.Append(silos.SiloAddress).Order()];
        return all[number % (uint)all.Length].Equals(silos.SiloAddress);
    }
}
