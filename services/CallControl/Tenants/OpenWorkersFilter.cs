using Orleans.Placement;

namespace CloudPbx.CallControl.Tenants;

/// <summary>A tenant begins on a worker that is not drained, where there is one.</summary>
internal sealed class OpenWorkersFilter : PlacementFilterStrategy
{
    /// <summary>Made by Orleans.</summary>
    public OpenWorkersFilter()
        : base(order: 0)
    {
    }
}

/// <summary>Says of a grain that <see cref="OpenWorkersFilter"/> decides where it may begin.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnOpenWorkersAttribute() : PlacementFilterAttribute(new OpenWorkersFilter());

/// <summary>Leaves drained workers out.</summary>
internal sealed class OpenWorkersDirector(DrainingWorkers draining) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, Orleans.Runtime.Placement.PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        SiloAddress[] all = [.. silos];
        SiloAddress[] open = [.. all.Where(silo => !draining.Contains(silo))];
        return open.Length > 0 ? open : all;
    }
}
