using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Registrar;

/// <summary>Writes what several tenants have changed; as <see cref="BindingStore.SaveAsync(IReadOnlyList{BindingChanges}, CancellationToken)"/>.</summary>
internal delegate Task<IReadOnlyList<StoreOutcome>> BindingWriter(IReadOnlyList<BindingChanges> changes, CancellationToken cancel);

/// <summary>The copy of the bindings in Redis. One owner writes for all tenants: what they change while a write is under way is the next write.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="write">Writes them.</param>
/// <param name="limit">How long anybody waits.</param>
/// <param name="time">Its clock.</param>
internal sealed class RedisBindingCopy(BindingWriter write, TimeSpan limit, TimeProvider time) : IBindingCopy
{
    // Phones do not notice it, and a write costs more than what it writes: busy workers gather dozens, quiet ones lose nothing.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();                          // held for one dictionary operation
    private Dictionary<TenantId, Gathered> _gathered = [];
    private bool _writing;

    /// <inheritdoc/>
    public Task<StoreOutcome> SaveAsync(TenantId tenant, long epoch, IReadOnlyCollection<Binding> save, IReadOnlyCollection<string> remove)
    {
        Task<StoreOutcome> outcome;
        lock (_gate)
        {
            if (!_gathered.TryGetValue(tenant, out Gathered? gathered))
                _gathered.Add(tenant, gathered = new Gathered(limit, time));
            if (!gathered.TryAdd(epoch, save, remove))
                return Task.FromResult(StoreOutcome.Stale);
            outcome = gathered.Outcome;
            if (_writing)
                return outcome;
            _writing = true;
        }
        _ = Task.Run(WriteAsync, CancellationToken.None);
        return outcome;
    }

    // Never faults: a store that is away is an outcome.
    private async Task WriteAsync()
    {
        while (Take() is { } taken)
        {
            BindingChanges[] changes = [.. taken.Select(tenant => tenant.Value.ToChanges(tenant.Key))];
            try
            {
                IReadOnlyList<StoreOutcome> outcomes = await write(changes, CancellationToken.None);
                int place = 0;
                foreach (Gathered tenant in taken.Values)
                    tenant.End(outcomes[place++]);
            }
#pragma warning disable CA1031 // a bug in one write must not end the writing
            catch (Exception fault)
            {
                foreach (Gathered tenant in taken.Values)
                    tenant.Fail(fault);
            }
#pragma warning restore CA1031
            await Task.Delay(s_pause, time);
        }
    }

    private Dictionary<TenantId, Gathered>? Take()
    {
        lock (_gate)
        {
            if (_gathered.Count == 0)
            {
                _writing = false;
                return null;
            }
            Dictionary<TenantId, Gathered> taken = _gathered;
            _gathered = [];
            return taken;
        }
    }

    /// <summary>A tenant's changes that wait for the next write, the last one of each binding.</summary>
    private sealed class Gathered
    {
        private readonly Dictionary<string, Binding?> _bindings = [];
        private readonly TaskCompletionSource<StoreOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ITimer _limit;         // one for all that wait: most of them never know it
        private long _epoch;

        public Gathered(TimeSpan limit, TimeProvider time) =>
            _limit = time.CreateTimer(static outcome => ((TaskCompletionSource<StoreOutcome>)outcome!).TrySetResult(StoreOutcome.Away), _outcome, limit, Timeout.InfiniteTimeSpan);

        public Task<StoreOutcome> Outcome => _outcome.Task;

        /// <returns>False for an activation before the one that has written meanwhile.</returns>
        public bool TryAdd(long epoch, IReadOnlyCollection<Binding> save, IReadOnlyCollection<string> remove)
        {
            if (epoch < _epoch)
                return false;
            if (epoch > _epoch)
                _bindings.Clear();
            _epoch = epoch;
            foreach (string key in remove)
                _bindings[key] = null;
            foreach (Binding binding in save)
                _bindings[binding.Key] = binding;
            return true;
        }

        public BindingChanges ToChanges(TenantId tenant)
        {
            List<Binding> save = new(_bindings.Count);
            List<string> remove = [];
            foreach ((string key, Binding? binding) in _bindings)
            {
                if (binding is null)
                    remove.Add(key);
                else
                    save.Add(binding);
            }
            return new BindingChanges(tenant, _epoch, save, remove);
        }

        /// <summary>Tells those who wait.</summary>
        public void End(StoreOutcome outcome)
        {
            _limit.Dispose();
            _outcome.TrySetResult(outcome);
        }

        /// <summary>Tells those who wait of a bug.</summary>
        public void Fail(Exception fault)
        {
            _limit.Dispose();
            _outcome.TrySetException(fault);
        }
    }
}
