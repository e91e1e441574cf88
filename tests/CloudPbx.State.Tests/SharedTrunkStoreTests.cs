using CloudPbx.Contracts.Ids;
using CloudPbx.State.SharedTrunks;
using CloudPbx.State.Tests.Stores;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.State.Tests;

public sealed class SharedTrunksOnGarnetTests(GarnetStore store) : SharedTrunkStoreTests(store), IClassFixture<GarnetStore>;

public sealed class SharedTrunksOnRedisTests(RedisStore store) : SharedTrunkStoreTests(store), IClassFixture<RedisStore>;

public abstract class SharedTrunkStoreTests(TestStore store)
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 28, 8, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private SharedTrunkStore Trunks => new(store.Connection, _time);

    [Fact]
    public async Task What_a_worker_tells_reads_back_and_a_dead_ones_channels_are_free_soon()
    {
        TrunkId trunk = TrunkId.New();
        SharedTrunkUse use = new(trunk, 3) { Tenants = 2, Up = 1, Down = 1, FailedAt = new DateTime(2026, 11, 28, 7, 0, 0, DateTimeKind.Utc), FailureStatus = 503, FailureReason = "Busy" };
        Assert.Equal(StoreOutcome.Done, await Trunks.TellAsync(new SharedTrunkReport("w1", [use]), TimeSpan.FromSeconds(5), Cancel));
        await Trunks.TellAsync(new SharedTrunkReport("w2", [new SharedTrunkUse(trunk, 4)]), TimeSpan.FromSeconds(5), Cancel);
        Assert.Equal(use, Assert.Single((await Trunks.ListAsync(Cancel))!.Single(report => report.WorkerId == "w1").Trunks));
        Assert.Equal(7, await ChannelsAsync(trunk));
        _time.Advance(TimeSpan.FromSeconds(4));
        await Trunks.TellAsync(new SharedTrunkReport("w2", [new SharedTrunkUse(trunk, 5)]), TimeSpan.FromSeconds(5), Cancel);
        _time.Advance(TimeSpan.FromSeconds(2));                                         // nothing of w1 for six seconds
        Assert.Equal(5, await ChannelsAsync(trunk));
        await Trunks.WithdrawAsync("w2", Cancel);
        Assert.Equal(0, await ChannelsAsync(trunk));
    }

    [Fact]
    public async Task How_the_lines_of_a_trunk_stand_reads_back_as_its_keeper_told_it()
    {
        DateTime at = new(2026, 11, 28, 7, 0, 0, DateTimeKind.Utc);
        SharedTrunkLine good = new("line-1") { RegisteredSince = at, ExpiresAt = at.AddHours(1), Realm = "carrier.example" }, bad = new("line-2") { FailedAt = at, FailureStatus = 403, FailureReason = "Forbidden" };
        SharedTrunkLines kept = new(TrunkId.New(), 7) { EdgeId = 3, Servers = ["198.51.100.1", "2001:db8::1"], Lines = [good, bad] };
        await Trunks.TellAsync(new SharedTrunkReport("w1", []) { Kept = [kept] }, TimeSpan.FromSeconds(5), Cancel);
        await Trunks.TellAsync(new SharedTrunkReport("w2", [new SharedTrunkUse(kept.Trunk, 4)]), TimeSpan.FromSeconds(5), Cancel);
        SharedTrunkLines read = Assert.Single((await Trunks.ListAsync(Cancel))!.SelectMany(report => report.Kept));
        Assert.Equal((kept.Trunk, 7, 3u), (read.Trunk, read.Epoch, read.EdgeId));
        Assert.Equal(kept.Servers, read.Servers);
        Assert.Equal([good, bad], read.Lines);
        await Trunks.WithdrawAsync("w1", Cancel);
        await Trunks.WithdrawAsync("w2", Cancel);
    }

    private async Task<int> ChannelsAsync(TrunkId trunk) => (await Trunks.ListAsync(Cancel))!.SelectMany(report => report.Trunks).Where(use => use.Trunk == trunk).Sum(use => use.Channels);
}
