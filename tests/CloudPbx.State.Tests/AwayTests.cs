using CloudPbx.Contracts.Ids;
using CloudPbx.State.Bans;
using CloudPbx.State.Bindings;
using CloudPbx.State.CallSnapshots;
using CloudPbx.State.Directory;
using CloudPbx.State.Presence;
using CloudPbx.State.Tenants;
using CloudPbx.State.Tests.Stores;
using CloudPbx.State.Trunks;
using CloudPbx.State.Usage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CloudPbx.State.Tests;

/// <summary>A server that is away is a result and never an exception.</summary>
public sealed class AwayTests
{
    // Port 1 of loopback: nobody listens, the refusal is at once.
    private readonly RedisConnection _connection = TestStore.Connect("127.0.0.1:1,connectTimeout=200");

    /// <summary>The client library cancels, by nobody's token, what it was given while it still connected: that once ended a watch, and the start hung.</summary>
    [Fact]
    public void What_the_client_library_cancels_is_away_and_what_we_cancel_is_not()
    {
        using CancellationTokenSource ours = new();
        Assert.True(RedisConnection.IsAway(new TaskCanceledException()));
        Assert.False(RedisConnection.IsAway(new OperationCanceledException(ours.Token)));
    }

    [Fact]
    public async Task Every_store_says_so()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        TenantId tenant = TenantId.New();
        Assert.False(await _connection.IsAliveAsync());
        Assert.Null(await new BindingStore(_connection, TimeProvider.System).ListAsync(tenant, cancel));
        Assert.Equal(StoreOutcome.Away, await new BindingStore(_connection, TimeProvider.System).SaveAsync(tenant, 1, [], [], cancel));
        BindingChanges[] several = [new(tenant, 1, [], []), new(TenantId.New(), 1, [], [])];
        Assert.Equal([StoreOutcome.Away, StoreOutcome.Away], await new BindingStore(_connection, TimeProvider.System).SaveAsync(several, cancel));
        Assert.Null(await new CallSnapshotStore(_connection).ListAsync(tenant, cancel));
        Assert.Equal(StoreOutcome.Away, await new CallSnapshotStore(_connection).SaveAsync(tenant, 1, [], [], cancel));
        Assert.Null(await new SubscriptionStore(_connection, TimeProvider.System).ListAsync(tenant, cancel));
        Assert.Equal(StoreOutcome.Away, await new SubscriptionStore(_connection, TimeProvider.System).SaveAsync(tenant, 1, false, [], [], cancel));
        Assert.Null(await new TrunkNoteStore(_connection).ListAsync(tenant));
        Assert.Equal(StoreOutcome.Away, await new TrunkNoteStore(_connection).SaveAsync(tenant, 1, [], []));
        Assert.Null(await new DirectoryStore(_connection, NullLogger<DirectoryStore>.Instance).LoadAsync(cancel));
        Assert.Equal(StoreOutcome.Away, await new DirectoryStore(_connection, NullLogger<DirectoryStore>.Instance).PublishAsync(DirectorySnapshot.Empty, cancel));
        Assert.Null(await new TenantSnapshotStore(_connection).LoadAsync(tenant, cancel));
        Assert.Null(await new ActiveTenantStore(_connection, TimeProvider.System).ListAsync(cancel));
        Assert.True(await new EpochStore(_connection, TimeProvider.System).NextAsync(tenant, cancel) > 1_700_000_000_000);
        BanStore bans = new(_connection, Options.Create(new BanOptions()), TimeProvider.System, NullLogger<BanStore>.Instance);
        Assert.Null(await bans.ListAsync(cancel));
        Assert.Null(await bans.BanAsync(new BanSubject(default), cancel));
        Assert.Null(await bans.LiftAsync(default, null, cancel));
        Assert.Equal(StoreOutcome.Away, await bans.MarkRegisteredAsync(default, TimeSpan.FromHours(1), cancel));
        AttackStore attacks = new(_connection, Options.Create(new BanOptions()), TimeProvider.System, NullLogger<AttackStore>.Instance);
        Assert.Null(await attacks.CountAsync(new AttackedAccount(tenant, "100"), 1000, cancel));
        Assert.Null(await attacks.ListAsync(cancel));
        UsageOfDay used = new(new DateOnly(2026, 11, 28), [("100", 1, 1)]);
        Assert.Null(await new UsageStore(_connection).LoadAsync(tenant, used.Day));
        Assert.Equal(StoreOutcome.Away, await new UsageStore(_connection).AddAsync(tenant, used));
        await _connection.DisposeAsync();
        Assert.Equal(StoreOutcome.Away, await new UsageStore(_connection).AddAsync(tenant, used));
        Assert.Equal([StoreOutcome.Away, StoreOutcome.Away], await new BindingStore(_connection, TimeProvider.System).SaveAsync(several, cancel));
    }
}
