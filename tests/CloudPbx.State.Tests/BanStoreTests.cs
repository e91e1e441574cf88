using System.Net;
using CloudPbx.Contracts.Ids;
using CloudPbx.State.Bans;
using CloudPbx.State.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.State.Tests;

public sealed class BansOnGarnetTests(GarnetStore store) : BanStoreTests(store), IClassFixture<GarnetStore>;

public sealed class BansOnRedisTests(RedisStore store) : BanStoreTests(store), IClassFixture<RedisStore>;

/// <summary>S3: the list of bans that workers and edges share.</summary>
public abstract class BanStoreTests(TestStore store)
{
    private static int s_next = Random.Shared.Next(1 << 20);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
    private readonly BanOptions _options = new() { FirstBanSeconds = 60, LongestBanSeconds = 200 };
    private readonly BanSource _source = BanSource.From(new IPAddress([198, (byte)(Interlocked.Increment(ref s_next) >> 16), (byte)(s_next >> 8), (byte)s_next]));
    private readonly TenantId _tenant = TenantId.New();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BanStore Store => new(store.Connection, Options.Create(_options), _time, NullLogger<BanStore>.Instance);

    private DateTime Now => _time.GetUtcNow().UtcDateTime;

    private BanSubject Account => new(_source, _tenant, "1 00");

    [Fact]
    public async Task Each_ban_is_twice_as_long_as_the_one_before_up_to_the_longest()
    {
        foreach (int seconds in (int[])[60, 120, 200, 200])
        {
            Assert.Equal(Now.AddSeconds(seconds), await Store.BanAsync(Account, Cancel));
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(Now.AddSeconds(seconds - 1), await Store.BanAsync(Account, Cancel));          // a second report of the same guesses
            _time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.DoesNotContain((await Store.ListAsync(Cancel))!, ban => ban.Subject == Account);
        }
    }

    [Fact]
    public async Task A_ban_survives_whoever_made_it_and_is_listed_until_it_ends()           // S3: the ban survives a worker's restart
    {
        await Store.BanAsync(Account, Cancel);
        Ban listed = Assert.Single((await Store.ListAsync(Cancel))!, ban => ban.Subject == Account);
        Assert.Equal((Now, Now.AddSeconds(60), 1), (listed.Since, listed.Until, listed.Strikes));
        BanTable afterRestart = Table();
        await using IAsyncDisposable keeping = Store.Keep(afterRestart);
        await Eventually.IsSoAsync(() => afterRestart.Covers(_source, _tenant, "1 00"u8));
        Assert.False(afterRestart.Covers(_source));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.False(afterRestart.Covers(_source, _tenant, "1 00"u8));
    }

    [Fact]
    public async Task Tables_hear_of_bans_and_of_their_lifting()
    {
        BanTable table = Table();
        await using IAsyncDisposable keeping = Store.Keep(table);
        await Store.BanAsync(Account, Cancel);
        await Store.BanAsync(new BanSubject(_source), Cancel);
        await Eventually.IsSoAsync(() => table.Covers(_source, _tenant, "1 00"u8) && table.Covers(_source));
        Assert.Equal(1, await Store.LiftAsync(_source, "1 00", Cancel));
        await Eventually.IsSoAsync(() => !table.Covers(_source, _tenant, "1 00"u8));
        Assert.True(table.Covers(_source));
        Assert.Equal(1, await Store.LiftAsync(_source, null, Cancel));
        await Eventually.IsSoAsync(() => !table.Covers(_source));
        Assert.Equal(0, await Store.LiftAsync(_source, null, Cancel));
        Assert.Equal(Now.AddSeconds(60), await Store.BanAsync(Account, Cancel));                        // forgiven: the next is a first one
    }

    [Fact]
    public async Task A_source_from_which_an_account_is_registered_is_not_banned_as_a_whole()
    {
        await Store.MarkRegisteredAsync(_source, TimeSpan.FromHours(1), Cancel);
        Assert.Null(await Store.BanAsync(new BanSubject(_source), Cancel));
        Assert.NotNull(await Store.BanAsync(Account, Cancel));
    }

    private BanTable Table() => new(Options.Create(_options), _time);
}
