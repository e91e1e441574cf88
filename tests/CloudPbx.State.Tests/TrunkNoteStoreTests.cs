using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.State.Tenants;
using CloudPbx.State.Tests.Stores;
using CloudPbx.State.Trunks;
using CloudPbx.State.Usage;

namespace CloudPbx.State.Tests;

public sealed class TrunkNotesOnGarnetTests(GarnetStore store) : TrunkNoteStoreTests(store), IClassFixture<GarnetStore>;

public sealed class TrunkNotesOnRedisTests(RedisStore store) : TrunkNoteStoreTests(store), IClassFixture<RedisStore>;

public abstract class TrunkNoteStoreTests(TestStore store)
{
    private readonly TenantId _tenant = TenantId.New();
    private readonly TrunkId _a = TrunkId.New(), _b = TrunkId.New();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private TrunkNoteStore Notes => new(store.Connection);

    [Fact]
    public async Task Notes_come_back_each_to_its_tenant_and_go()
    {
        TenantId other = TenantId.New();
        await SaveAsync(_tenant, [(_a, "ours"), (_b, "more")]);
        await SaveAsync(other, [(_a, "theirs")]);
        Assert.Equal([(_a, "ours"), (_b, "more")], await ListAsync(_tenant));
        Assert.Equal([(_a, "theirs")], await ListAsync(other));
        await SaveAsync(_tenant, [(_b, "changed")], _a, TrunkId.New());
        Assert.Equal([(_b, "changed")], await ListAsync(_tenant));
        Assert.Equal([(_a, "theirs")], await ListAsync(other));
    }

    [Fact]
    public async Task An_owner_that_was_replaced_is_refused()
    {
        Assert.Equal(StoreOutcome.Done, await Notes.SaveAsync(_tenant, 2, [new(_a, "new"u8.ToArray())], []));
        Assert.Equal(StoreOutcome.Stale, await Notes.SaveAsync(_tenant, 1, [new(_b, "late"u8.ToArray())], [_a]));
        Assert.Equal([(_a, "new")], await ListAsync(_tenant));
    }

    [Fact]
    public async Task With_its_tenant_they_go_and_where_its_calls_went_too()
    {
        DateOnly today = DateOnly.FromDateTime(DateTime.UtcNow);
        UsageStore usage = new(store.Connection);
        await SaveAsync(_tenant, [(_a, "ours")]);
        await usage.AddAsync(_tenant, new UsageOfDay(today, [("100", 1, 1)]) { Destinations = [("FR", 1)] });
        await new TenantSnapshotStore(store.Connection).ForgetAsync(_tenant, today, Cancel);
        Assert.Empty(await ListAsync(_tenant));
        UsageOfDay left = (await usage.LoadAsync(_tenant, today))!;
        Assert.Empty(left.Payers);
        Assert.Empty(left.Destinations);
    }

    private async Task SaveAsync(TenantId tenant, (TrunkId Trunk, string Text)[] notes, params TrunkId[] remove) => Assert.Equal(
        StoreOutcome.Done, await Notes.SaveAsync(tenant, 1, [.. notes.Select(note => new StoredTrunkNote(note.Trunk, Encoding.ASCII.GetBytes(note.Text)))], remove));

    private async Task<(TrunkId, string)[]> ListAsync(TenantId tenant) =>
        [.. (await Notes.ListAsync(tenant))!.Select(note => (note.Trunk, Encoding.ASCII.GetString(note.Content.Span))).OrderBy(note => note.Trunk == _a ? 0 : 1)];
}
