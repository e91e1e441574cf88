using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.State.Presence;
using CloudPbx.State.Tenants;
using CloudPbx.State.Tests.Stores;

namespace CloudPbx.State.Tests;

public sealed class SubscriptionsOnGarnetTests(GarnetStore store) : SubscriptionStoreTests(store), IClassFixture<GarnetStore>;

public sealed class SubscriptionsOnRedisTests(RedisStore store) : SubscriptionStoreTests(store), IClassFixture<RedisStore>;

public abstract class SubscriptionStoreTests(TestStore store)
{
    private readonly TenantId _tenant = TenantId.New();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private SubscriptionStore Subscriptions => new(store.Connection, TimeProvider.System);

    [Fact]
    public async Task Subscriptions_come_back_each_to_its_tenant_and_go()
    {
        await SaveAsync(1, false, ["a", "b"]);
        await SaveAsync(1, false, ["c"], "a", "unknown");
        Assert.Equal(["b", "c"], await NumbersAsync(_tenant));
        Assert.Empty(await NumbersAsync(TenantId.New()));
        await SaveAsync(1, true, ["d"]);
        Assert.Equal(["d"], await NumbersAsync(_tenant));
        await SaveAsync(1, true, []);
        Assert.Empty(await NumbersAsync(_tenant));
    }

    [Fact]
    public async Task An_owner_that_was_replaced_is_refused()
    {
        await SaveAsync(2, false, ["new"]);
        Assert.Equal(StoreOutcome.Stale, await Subscriptions.SaveAsync(_tenant, 1, true, [], [], Cancel));
        Assert.Equal(["new"], await NumbersAsync(_tenant));
    }

    [Fact]
    public async Task With_its_tenant_they_go()
    {
        await SaveAsync(1, false, ["a"]);
        await new TenantSnapshotStore(store.Connection).ForgetAsync(_tenant, DateOnly.FromDateTime(DateTime.UtcNow), Cancel);
        Assert.Empty(await NumbersAsync(_tenant));
    }

    private async Task SaveAsync(long epoch, bool replace, string[] numbers, params string[] remove) => Assert.Equal(StoreOutcome.Done, await Subscriptions.SaveAsync(
        _tenant, epoch, replace, [.. numbers.Select(number => new StoredSubscription(number, DateTime.UtcNow.AddMinutes(1), Encoding.ASCII.GetBytes("state of " + number)))], remove, Cancel));

    private async Task<string[]> NumbersAsync(TenantId tenant)
    {
        IReadOnlyList<StoredSubscription> listed = (await Subscriptions.ListAsync(tenant, Cancel))!;
        Assert.All(listed, one => Assert.Equal("state of " + one.Number, Encoding.ASCII.GetString(one.Content.Span)));
        return [.. listed.Select(one => one.Number).Order(StringComparer.Ordinal)];
    }
}
