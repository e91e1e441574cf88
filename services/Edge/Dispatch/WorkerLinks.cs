using System.Collections.Concurrent;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Edge.Dispatch;

/// <summary>All links to workers, and which worker owns which tenant as far as this edge knows.</summary>
/// <remarks>Thread-safe. Sending takes no lock and allocates nothing.</remarks>
internal sealed class WorkerLinks(IWorkerConnector connector, EdgeIdentity identity, TimeProvider time, ILogger<WorkerLinks> logger) : IAsyncDisposable
{
    private const int TenantCapacity = 1_000_000;

    private readonly Lock _gate = new();        // guards the coming and going of links
    private readonly ConcurrentDictionary<Guid, Owner> _owners = new();
    private readonly Dictionary<WorkerAddress, WorkerLink> _byAddress = [];
    private volatile WorkerLink[] _links = [];
    private bool _disposed;

    /// <summary>Takes every message from workers, but the answers to hello. Set before the first worker is.</summary>
    public InnerLinkReceiver? Receiver { get; set; }

    /// <summary>Called when a link came up.</summary>
    public Action? CameUp { get; set; }

    /// <summary>Whether any worker can be reached.</summary>
    public bool IsAnyUp => UpCount > 0;

    /// <summary>Workers that can be reached.</summary>
    public int UpCount
    {
        get
        {
            int up = 0;
            foreach (WorkerLink link in _links)
            {
                if (link.IsUp)
                    up++;
            }
            return up;
        }
    }

    /// <summary>Sends a message to the worker that owns a tenant; to any live worker where that is unknown or its worker is gone.</summary>
    /// <returns>False when no worker can take it.</returns>
    public bool TrySend(Guid tenant, ReadOnlySpan<byte> message)
    {
        WorkerLink[] links = _links;
        if (_owners.TryGetValue(tenant, out Owner owner))
        {
            foreach (WorkerLink link in links)
            {
                if (link.Address == owner.Worker && link.TrySend(message))
                    return true;
            }
            _owners.TryRemove(KeyValuePair.Create(tenant, owner));
        }
        if (links.Length == 0)
            return false;
        int first = First(tenant, links);
        return TrySend(links, first, message, announcedOnly: true) || TrySend(links, first, message, announcedOnly: false);
    }

    /// <summary>Whether the worker that owns a tenant can take one more piece of new work.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="hasCredentials">Whether the request answers a challenge.</param>
    public bool TryAdmit(Guid tenant, bool hasCredentials)
    {
        WorkerLink[] links = _links;
        if (links.Length == 0)
            return true;                        // for another reason it will be refused
        WorkerLink chosen = links[First(tenant, links)];
        if (links.Length > 1 && _owners.TryGetValue(tenant, out Owner owner))
        {
            foreach (WorkerLink link in links)
            {
                if (link.Address == owner.Worker)
                    chosen = link;
            }
        }
        return chosen.Admission.TryAdmit(hasCredentials);
    }

    /// <summary>Whether a worker may speak for a tenant: not where another one has taken it over with a higher epoch and is there.</summary>
    public bool MaySpeak(Guid tenant, InnerLink worker)
    {
        if (!_owners.TryGetValue(tenant, out Owner owner))
            return true;
        foreach (WorkerLink link in _links)
        {
            if (link.Address == owner.Worker)
                return link.IsCarriedBy(worker) || !link.IsUp;
        }
        return true;
    }

    /// <summary>Learns who owns a tenant; what an earlier owner's worker says later is no news.</summary>
    public void Moved(in MovedNotice notice)
    {
        if (_owners.Count >= TenantCapacity)
            _owners.Clear();
        Owner told = new(notice.Worker, notice.Epoch);
        _owners.AddOrUpdate(notice.Tenant, static (_, told) => told, static (_, known, told) => told.Epoch >= known.Epoch ? told : known, told);
        Ensure(notice.Worker);
    }

    /// <summary>Takes the list of workers that announce themselves.</summary>
    public void SetWorkers(IReadOnlyCollection<WorkerAddress> workers)
    {
        foreach (WorkerAddress worker in workers)
            Ensure(worker);
        List<WorkerLink> gone = [];
        lock (_gate)
        {
            foreach (WorkerLink link in _byAddress.Values)
            {
                link.IsAnnounced = workers.Contains(link.Address);
                if (!link.IsAnnounced && !link.IsUp)
                    gone.Add(link);
            }
            Remove(gone);
        }
        foreach (WorkerLink link in gone)
            _ = DisposeLinkAsync(link);
    }

    public async ValueTask DisposeAsync()
    {
        WorkerLink[] links;
        lock (_gate)
        {
            _disposed = true;
            links = _links;
            _links = [];
            _byAddress.Clear();
        }
        foreach (WorkerLink link in links)
            await link.DisposeAsync();
    }

    // The same worker for one tenant as long as the workers stay: it has the tenant's owner at hand then.
    private static int First(Guid tenant, WorkerLink[] links) => (int)((uint)tenant.GetHashCode() % (uint)links.Length);

    private static bool TrySend(WorkerLink[] links, int first, ReadOnlySpan<byte> message, bool announcedOnly)
    {
        for (int i = 0; i < links.Length; i++)
        {
            WorkerLink link = links[(first + i) % links.Length];
            if (link.IsAnnounced == announcedOnly && link.IsUp && link.TrySend(message))
                return true;
        }
        return false;
    }

    private void Ensure(WorkerAddress worker)
    {
        lock (_gate)
        {
            if (_disposed || _byAddress.ContainsKey(worker))
                return;
            InnerLinkReceiver receiver = Receiver ?? throw new InvalidOperationException("The receiver of workers' messages is set first.");
            _byAddress[worker] = new WorkerLink(worker, connector, identity, receiver, Changed, time, logger);
            _links = [.. _byAddress.Values];
        }
    }

    private void Changed(WorkerLink link)
    {
        if (link.IsUp)
        {
            CameUp?.Invoke();
            return;
        }
        if (link.IsAnnounced)
            return;
        lock (_gate)
            Remove([link]);
        _ = DisposeLinkAsync(link);
    }

    private void Remove(List<WorkerLink> gone)
    {
        foreach (WorkerLink link in gone)
            _byAddress.Remove(link.Address);
        if (gone.Count > 0)
            _links = [.. _byAddress.Values];
    }

    /// <param name="Worker">Who owns the tenant.</param>
    /// <param name="Epoch">Since when: a higher one wins.</param>
    private readonly record struct Owner(WorkerAddress Worker, long Epoch);

    // A link may report its own end, so it is disposed of elsewhere; disposing never faults.
    private static Task DisposeLinkAsync(WorkerLink link) => Task.Run(async () => await link.DisposeAsync());
}
