using CloudPbx.Contracts.Ids;
using CloudPbx.State.Tests.Stores;
using CloudPbx.State.Usage;

namespace CloudPbx.State.Tests;

public sealed class UsageOnGarnetTests(GarnetStore store) : UsageStoreTests(store), IClassFixture<GarnetStore>;

public sealed class UsageOnRedisTests(RedisStore store) : UsageStoreTests(store), IClassFixture<RedisStore>;

public abstract class UsageStoreTests(TestStore store)
{
    private static readonly DateOnly s_day = new(2026, 11, 28);

    private UsageStore Usage => new(store.Connection);

    [Fact]
    public async Task What_calls_used_adds_up_by_tenant_day_and_extension()
    {
        TenantId tenant = TenantId.New(), other = TenantId.New();
        Assert.Equal(StoreOutcome.Done, await Usage.AddAsync(tenant, new UsageOfDay(s_day, [("100", 60_000, 50), ("101", 1_000, 0)])));
        Assert.Equal(StoreOutcome.Done, await Usage.AddAsync(tenant, new UsageOfDay(s_day, [("100", 30_000, 25)])));
        Assert.Equal(StoreOutcome.Done, await Usage.AddAsync(other, new UsageOfDay(s_day, [("100", 7, 7)])));
        Assert.Equal(StoreOutcome.Done, await Usage.AddAsync(tenant, new UsageOfDay(s_day.AddDays(1), [("100", 1, 1)])));
        Assert.Equal([("100", 90_000, 75), ("101", 1_000, 0)], await ReadAsync(tenant, s_day));
        Assert.Equal([("100", 7, 7)], await ReadAsync(other, s_day));
        Assert.Equal([("100", 1, 1)], await ReadAsync(tenant, s_day.AddDays(1)));
        Assert.Empty(await ReadAsync(TenantId.New(), s_day));
    }

    [Fact]
    public async Task What_calls_cost_adds_up_by_destination_too()
    {
        TenantId tenant = TenantId.New();
        await Usage.AddAsync(tenant, new UsageOfDay(s_day, [("LV", 60_000, 50)]) { Destinations = [("LV", 50), ("+883", 3)] });
        await Usage.AddAsync(tenant, new UsageOfDay(s_day, [("LV", 60_000, 25)]) { Destinations = [("LV", 25)] });
        UsageOfDay day = (await Usage.LoadAsync(tenant, s_day))!;
        Assert.Equal([("+883", 3), ("LV", 75)], day.Destinations.OrderBy(to => to.Destination, StringComparer.Ordinal));
        Assert.Equal([("LV", 120_000, 75)], day.Payers);
        Assert.Empty((await Usage.LoadAsync(tenant, s_day.AddDays(1)))!.Destinations);
    }

    private async Task<IEnumerable<(string Payer, long Milliseconds, long MicroUnits)>> ReadAsync(TenantId tenant, DateOnly day) =>
        (await Usage.LoadAsync(tenant, day))!.Payers.OrderBy(payer => payer.Payer, StringComparer.Ordinal);
}
