using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Registrar;

/// <summary>The copy of the bindings in Redis. One owner writes for all tenants: what they change while a write is under way is the next write, of each in one script.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class RedisBindingCopy(BindingStore store, TimeProvider time) : IBindingCopy
{
    // Phones do not notice it, and a write costs more than what it writes: busy workers gather a handful, quiet ones lose nothing.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    private readonly Lock _gate = new();                          // held for one dictionary operation
    private Dictionary<TenantId, Gathered> _gathered = [];
    private bool _writing;

    /// <inheritdoc/>
    public Task<StoreOutcome> SaveAsync(
        TenantId tenant, long epoch, IReadOnlyCollection<Binding> save, IReadOnlyCollection<string> remove, CancellationToken cancel)
    {
        Task<StoreOutcome> outcome;
        lock (_gate)
        {
            if (!_gathered.TryGetValue(tenant, out Gathered? gathered))
                _gathered.Add(tenant, gathered = new Gathered());
            if (!gathered.TryAdd(epoch, save, remove))
                return Task.FromResult(StoreOutcome.Stale);
            outcome = gathered.Outcome.Task;
            if (_writing)
                return outcome.WaitAsync(cancel);
            _writing = true;
        }
        _ = Task.Run(WriteAsync, CancellationToken.None);
        return outcome.WaitAsync(cancel);
    }

    // Never faults: a store that is away is an outcome.
    private async Task WriteAsync()
    {
        while (Take() is { } taken)
        {
            await Task.WhenAll(taken.Select(tenant => tenant.Value.WriteAsync(store, tenant.Key)));
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
        private long _epoch;

        public TaskCompletionSource<StoreOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

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

        /// <summary>Writes, and tells those who wait. Does not fault.</summary>
        public async Task WriteAsync(BindingStore store, TenantId tenant)
        {
            try
            {
                Outcome.TrySetResult(await store.SaveAsync(
                    tenant, _epoch, [.. _bindings.Values.OfType<Binding>()],
                    [.. _bindings.Where(binding => binding.Value is null).Select(binding => binding.Key)], CancellationToken.None));
            }
#pragma warning disable CA1031 // a bug in writing one tenant's must not end the writing of all
            catch (Exception fault)
            {
                Outcome.TrySetException(fault);
            }
#pragma warning restore CA1031
        }
    }
}
