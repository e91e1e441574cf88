using System.Collections.Frozen;
using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.State.Directory;
using CloudPbx.State.Edges;
using CloudPbx.State.MediaNodes;
using CloudPbx.State.Tenants;
using CloudPbx.State.Tests.Stores;
using CloudPbx.State.Workers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.State.Tests;

public sealed class StoresOnGarnetTests(GarnetStore store) : StoreTests(store), IClassFixture<GarnetStore>;

public sealed class StoresOnRedisTests(RedisStore store) : StoreTests(store), IClassFixture<RedisStore>;

public abstract class StoreTests(TestStore store)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DirectoryStore Directory => new(store.Connection, NullLogger<DirectoryStore>.Instance);

    private WorkerStore Workers => new(store.Connection, _time, NullLogger<WorkerStore>.Instance);

    [Fact]
    public async Task The_directory_is_published_loaded_and_pushed()
    {
        TenantId a = TenantId.New(), b = TenantId.New();
        long version = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        System.Threading.Channels.Channel<DirectorySnapshot> seen = System.Threading.Channels.Channel.CreateUnbounded<DirectorySnapshot>();
        Assert.Equal(StoreOutcome.Done, await Directory.PublishAsync(new DirectorySnapshot(version, [new("a.example", a)], [], null), Cancel));
        await using IAsyncDisposable watch = await Directory.SubscribeAsync(s => seen.Writer.TryWrite(s), Cancel);
        Assert.Equal(version, (await NextAsync(seen)).Version);
        DirectorySnapshot second = new(version + 1, [new("a.example", a), new("b.example", b)], [new("alice", a)], b)
        {
            Carriers =
            [
                new CarrierSource { Network = "192.0.2.1/32", Tenant = a, ServerNames = ["trunk.example"] },
                new CarrierSource { Network = "2001:db8::/32", CalledNumberFrom = CalledNumberSource.To, CalledIn = [new NumberRewrite { Prefix = "00", Replacement = "+" }] },
            ],
            Numbers = new Dictionary<string, TenantId> { ["+15550000001"] = b }.ToFrozenDictionary(),
            Sha256Tenants = new[] { b }.ToFrozenSet(),
            Emergency = [new EmergencyDialling { Dialled = ["112", "9112"], Tenants = [a, b] }],
        };
        Assert.Equal(StoreOutcome.Done, await Directory.PublishAsync(second, Cancel));
        DirectorySnapshot pushed = await NextAsync(seen);
        Assert.Equal((a, b, a, b), (pushed.Domains["A.Example"], pushed.Domains["b.example"], pushed.Users["alice"], pushed.DefaultTenant!.Value));
        Assert.Equal(second.Carriers[0], pushed.Carriers[0] with { CalledIn = second.Carriers[0].CalledIn, ServerNames = second.Carriers[0].ServerNames });
        Assert.Equal(second.Carriers[0].ServerNames, pushed.Carriers[0].ServerNames);
        Assert.Empty(pushed.Carriers[1].ServerNames);
        Assert.Equal((null, CalledNumberSource.To, second.Carriers[1].CalledIn[0]), (pushed.Carriers[1].Tenant, pushed.Carriers[1].CalledNumberFrom, pushed.Carriers[1].CalledIn[0]));
        Assert.Equal(b, pushed.Numbers["+15550000001"]);
        Assert.Equal(b, Assert.Single(pushed.Sha256Tenants));
        EmergencyDialling emergency = Assert.Single(pushed.Emergency);
        Assert.Equal(["112", "9112"], emergency.Dialled);
        Assert.Equal([a, b], emergency.Tenants);
        Assert.Equal(StoreOutcome.Stale, await Directory.PublishAsync(new DirectorySnapshot(version, [], [], null), Cancel));
        Assert.Equal(version + 1, (await Directory.LoadAsync(Cancel))!.Version);
        Assert.True(pushed.Domains.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey("A.EXAMPLE"));
    }

    [Fact]
    public async Task The_first_edge_makes_the_secret_and_all_others_read_it()
    {
        byte[]?[] secrets = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => new EdgeKeyStore(store.Connection).LoadOrCreateAsync(Cancel)));
        Assert.Equal(EdgeKeyStore.SecretLength, secrets[0]!.Length);
        Assert.All(secrets, secret => Assert.Equal(secrets[0], secret));
    }

    [Fact]
    public async Task A_worker_that_stops_announcing_is_gone()
    {
        string id = $"w-{Guid.NewGuid():N}", other = $"w-{Guid.NewGuid():N}";
        Assert.Equal(StoreOutcome.Done, await Workers.AnnounceAsync(new WorkerAddress(id, "10.0.0.1", 5070), TimeSpan.FromSeconds(10), Cancel));
        Assert.Contains(new WorkerAddress(id, "10.0.0.1", 5070), (await Workers.ListAsync(Cancel))!);
        _time.Advance(TimeSpan.FromSeconds(8));
        await Workers.AnnounceAsync(new WorkerAddress(other, "10.0.0.2", 5070), TimeSpan.FromSeconds(10), Cancel);
        _time.Advance(TimeSpan.FromSeconds(3));
        IReadOnlyList<WorkerAddress> list = (await Workers.ListAsync(Cancel))!;
        Assert.DoesNotContain(list, w => w.WorkerId == id);
        Assert.Contains(list, w => w.WorkerId == other);
        await Workers.WithdrawAsync(other, Cancel);
        Assert.DoesNotContain((await Workers.ListAsync(Cancel))!, w => w.WorkerId == other);
    }

    [Fact]
    public async Task A_subscriber_hears_of_workers_that_come_and_leave()
    {
        string id = $"w-{Guid.NewGuid():N}";
        System.Threading.Channels.Channel<IReadOnlyList<WorkerAddress>> seen = System.Threading.Channels.Channel.CreateUnbounded<IReadOnlyList<WorkerAddress>>();
        await using IAsyncDisposable watch = await Workers.SubscribeAsync(s => seen.Writer.TryWrite(s), Cancel);
        await NextAsync(seen);
        await Workers.AnnounceAsync(new WorkerAddress(id, "10.0.0.1", 0), TimeSpan.FromSeconds(60), Cancel);
        while (!(await NextAsync(seen)).Any(w => w.WorkerId == id))
            ;
        await Workers.WithdrawAsync(id, Cancel);
        while ((await NextAsync(seen)).Any(w => w.WorkerId == id))
            ;
    }

    [Fact]
    public async Task Media_nodes_and_workers_are_listed_apart()
    {
        MediaNodeStore nodes = new(store.Connection, _time, NullLogger<MediaNodeStore>.Instance);
        MediaNodeAddress node = new($"m-{Guid.NewGuid():N}", "unix:/run/media.sock");
        await nodes.AnnounceAsync(node, TimeSpan.FromSeconds(10), Cancel);
        Assert.Contains(node, (await nodes.ListAsync(Cancel))!);
        Assert.DoesNotContain((await Workers.ListAsync(Cancel))!, w => w.WorkerId == node.NodeId);
    }

    [Fact]
    public async Task An_older_configuration_does_not_replace_a_newer_one()
    {
        TenantId a = TenantId.New(), b = TenantId.New();
        TenantSnapshotStore snapshots = new(store.Connection);
        Assert.Null(await snapshots.LoadAsync(a, Cancel));
        Assert.Equal(StoreOutcome.Done, await snapshots.SaveAsync(a, new TenantSnapshot(7, Encoding.UTF8.GetBytes("seven")), Cancel));
        Assert.Equal(StoreOutcome.Stale, await snapshots.SaveAsync(a, new TenantSnapshot(6, Encoding.UTF8.GetBytes("six")), Cancel));
        await snapshots.SaveAsync(b, new TenantSnapshot(1, new byte[] { 0, 255, 13, 10 }), Cancel);
        TenantSnapshot? read = await snapshots.LoadAsync(a, Cancel);
        Assert.Equal((7, "seven"), (read!.Version, Encoding.UTF8.GetString(read.Content.Span)));
        Assert.Equal(new byte[] { 0, 255, 13, 10 }, (await snapshots.LoadAsync(b, Cancel))!.Content.ToArray());
        await snapshots.ForgetAsync(a, DateOnly.FromDateTime(DateTime.UtcNow), Cancel);
        Assert.Null(await snapshots.LoadAsync(a, Cancel));
        Assert.NotNull(await snapshots.LoadAsync(b, Cancel));
    }

    [Fact]
    public async Task Active_tenants_are_listed_until_they_end_or_fall_silent()
    {
        TenantId a = TenantId.New(), b = TenantId.New();
        ActiveTenantStore active = new(store.Connection, _time);
        await active.MarkAsync(a, Cancel);
        await active.MarkAsync(b, Cancel);
        await active.RemoveAsync(b, Cancel);
        IReadOnlyList<TenantId> list = (await active.ListAsync(Cancel))!;
        Assert.Contains(a, list);
        Assert.DoesNotContain(b, list);
        _time.Advance(ActiveTenantStore.Life + TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(a, (await active.ListAsync(Cancel))!);
    }

    [Fact]
    public async Task The_server_answers() => Assert.True(await store.Connection.IsAliveAsync());

    private static async Task<T> NextAsync<T>(System.Threading.Channels.Channel<T> channel)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(s_deadline);
        return await channel.Reader.ReadAsync(deadline.Token);
    }
}
