using CloudPbx.Contracts.Ids;
using CloudPbx.State.Bindings;
using CloudPbx.State.CallSnapshots;
using CloudPbx.State.Tenants;
using CloudPbx.State.Tests.Stores;

namespace CloudPbx.State.Tests;

public sealed class CallSnapshotsOnGarnetTests(GarnetStore store) : CallSnapshotStoreTests(store), IClassFixture<GarnetStore>;

public sealed class CallSnapshotsOnRedisTests(RedisStore store) : CallSnapshotStoreTests(store), IClassFixture<RedisStore>;

public abstract class CallSnapshotStoreTests(TestStore store)
{
    private readonly TenantId _tenant = TenantId.New();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private CallSnapshotStore Calls => new(store.Connection);

    [Fact]
    public async Task Snapshots_come_back_octet_by_octet_each_to_its_tenant()
    {
        byte[] octets = [.. Enumerable.Range(0, 4096).Select(i => (byte)i)];
        StoredCall call = new(CallId.New(), octets);
        Assert.Equal(StoreOutcome.Done, await Calls.SaveAsync(_tenant, 1, [call], [], Cancel));
        StoredCall read = Assert.Single((await Calls.ListAsync(_tenant, Cancel))!);
        Assert.Equal(call.Call, read.Call);
        Assert.Equal(octets, read.Content.ToArray());
        Assert.Empty((await Calls.ListAsync(TenantId.New(), Cancel))!);
    }

    [Fact]
    public async Task One_write_saves_changes_and_removes()
    {
        StoredCall over = Call("over"), changed = Call("before");
        await Calls.SaveAsync(_tenant, 1, [over, changed], [], Cancel);
        StoredCall begun = Call("begun");
        await Calls.SaveAsync(_tenant, 1, [changed with { Content = "after"u8.ToArray() }, begun], [over.Call, CallId.New()], Cancel);
        Assert.Equal(["after", "begun"], (await TextsAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_owner_that_was_replaced_is_refused_and_changes_nothing()
    {
        EpochStore epochs = new(store.Connection, TimeProvider.System);
        long first = await epochs.NextAsync(_tenant, Cancel);
        StoredCall call = Call("first");
        Assert.Equal(StoreOutcome.Done, await Calls.SaveAsync(_tenant, first, [call], [], Cancel));
        long second = await epochs.NextAsync(_tenant, Cancel);
        Assert.True(second > first);
        Assert.Equal(StoreOutcome.Stale, await Calls.SaveAsync(_tenant, first, [call with { Content = "late"u8.ToArray() }], [], Cancel));
        Assert.Equal(StoreOutcome.Stale, await Calls.SaveAsync(_tenant, first, [], [call.Call], Cancel));
        Assert.Equal(StoreOutcome.Stale, await Calls.ReplaceAsync(_tenant, first, [], Cancel));
        Assert.Equal(["first"], await TextsAsync());
        Assert.Equal(StoreOutcome.Done, await Calls.SaveAsync(_tenant, second, [], [call.Call], Cancel));
        Assert.Empty(await TextsAsync());
    }

    [Fact]
    public async Task An_owner_seeds_a_store_that_came_back()
    {
        await Calls.SaveAsync(_tenant, 1, [Call("a"), Call("b")], [], Cancel);
        Assert.Equal(StoreOutcome.Done, await Calls.ReplaceAsync(_tenant, 2, [Call("c")], Cancel));
        Assert.Equal(["c"], await TextsAsync());
    }

    [Fact]
    public async Task A_deleted_tenant_leaves_none()
    {
        await Calls.SaveAsync(_tenant, 1, [Call("a")], [], Cancel);
        await new TenantSnapshotStore(store.Connection).ForgetAsync(_tenant, DateOnly.FromDateTime(DateTime.UtcNow), Cancel);
        Assert.Empty(await TextsAsync());
    }

    [Fact]
    public async Task Bindings_and_calls_share_their_tenants_epoch()
    {
        await Calls.SaveAsync(_tenant, 9, [Call("a")], [], Cancel);
        Assert.Equal(StoreOutcome.Stale, await new BindingStore(store.Connection, TimeProvider.System).SaveAsync(_tenant, 8, [], [], Cancel));
    }

    private static StoredCall Call(string content) => new(CallId.New(), System.Text.Encoding.ASCII.GetBytes(content));

    private async Task<List<string>> TextsAsync() =>
        [.. (await Calls.ListAsync(_tenant, Cancel))!.Select(call => System.Text.Encoding.ASCII.GetString(call.Content.Span))];
}
