using System.Collections.Concurrent;
using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.CallSnapshots;

namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>Redis as far as snapshots know it: in memory, refuses a lower epoch, may be away.</summary>
internal sealed class FakeCallStore : ICallSnapshots
{
    private readonly ConcurrentDictionary<CallId, StoredCall> _calls = new();

    /// <summary>The highest epoch seen.</summary>
    public long Epoch { get; set; }

    /// <summary>Whether nobody answers.</summary>
    public bool IsAway { get; set; }

    /// <summary>What a write waits for.</summary>
    public Task Writing { get; set; } = Task.CompletedTask;

    /// <summary>How often something was written.</summary>
    public int Writes { get; private set; }

    public void Clear() => _calls.Clear();

    public void Put(StoredCall call) => _calls[call.Call] = call;

    public IReadOnlyList<StoredCall> List() => [.. _calls.Values];

    public Task<IReadOnlyList<StoredCall>?> ListAsync(TenantId tenant, CancellationToken cancel) => Task.FromResult<IReadOnlyList<StoredCall>?>(List());

    public CallSnapshot Only()
    {
        StoredCall call = Assert.Single(List());
        Assert.True(CallSnapshotFormat.TryRead(call.Content.Span, out CallSnapshot? snapshot, out string? fault), fault);
        return snapshot;
    }

    public async Task<StoreOutcome> WriteAsync(TenantId tenant, long epoch, bool all, IReadOnlyCollection<StoredCall> save, IReadOnlyCollection<CallId> remove)
    {
        await Writing;
        if (IsAway)
            return StoreOutcome.Away;
        if (epoch < Epoch)
            return StoreOutcome.Stale;
        Epoch = epoch;
        Writes++;
        if (all)
            _calls.Clear();
        foreach (CallId call in remove)
            _calls.TryRemove(call, out _);
        foreach (StoredCall call in save)
            _calls[call.Call] = call with { Content = call.Content.ToArray() };
        return StoreOutcome.Done;
    }
}
