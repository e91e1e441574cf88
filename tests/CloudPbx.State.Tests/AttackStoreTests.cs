using CloudPbx.Contracts.Ids;
using CloudPbx.State.Bans;
using CloudPbx.State.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace CloudPbx.State.Tests;

public sealed class AttacksOnGarnetTests(GarnetStore store) : AttackStoreTests(store), IClassFixture<GarnetStore>;

public sealed class AttacksOnRedisTests(RedisStore store) : AttackStoreTests(store), IClassFixture<RedisStore>;

/// <summary>S3: what all workers count of an account together.</summary>
public abstract class AttackStoreTests(TestStore store)
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
    private readonly BanOptions _options = new() { AccountWrongPasswords = 10, WindowSeconds = 60, AttackSeconds = 100 };
    private readonly AttackedAccount _account = new(TenantId.New(), "1 00");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private AttackStore Store => new(store.Connection, Options.Create(_options), _time, NullLogger<AttackStore>.Instance);

    private DateTime Now => _time.GetUtcNow().UtcDateTime;

    [Fact]
    public async Task The_guess_that_is_too_many_begins_an_attack_and_further_ones_make_it_longer()
    {
        Assert.Null(await Store.CountAsync(_account, 9, Cancel));
        Assert.Equal((Now.AddSeconds(100), true), await Store.CountAsync(_account, 1, Cancel));
        _time.Advance(TimeSpan.FromSeconds(49));
        Assert.Null(await Store.CountAsync(_account, 1, Cancel));                     // nothing new to tell: half of it is still to come
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((Now.AddSeconds(100), false), await Store.CountAsync(_account, 1, Cancel));
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.DoesNotContain((await Store.ListAsync(Cancel))!, attack => attack.Account == _account);
    }

    [Fact]
    public async Task Guesses_are_counted_within_their_window_and_for_each_account()
    {
        Assert.Null(await Store.CountAsync(_account, 9, Cancel));
        Assert.Null(await Store.CountAsync(_account with { Account = "100" }, 9, Cancel));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Null(await Store.CountAsync(_account, 9, Cancel));                     // a new window
        Assert.Equal((Now.AddSeconds(100), true), await Store.CountAsync(_account, 1, Cancel));
    }

    [Fact]
    public async Task Workers_that_count_at_once_lose_no_guess()
    {
        (DateTime, bool IsNew)?[] answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Store.CountAsync(_account, 1, Cancel)));
        Assert.True(Assert.Single(answers, answer => answer is not null)!.Value.IsNew);
    }

    [Fact]
    public async Task An_attack_survives_the_worker_that_saw_it_and_others_hear_of_it()
    {
        AttackTable other = new(_time);
        await using IAsyncDisposable keeping = Store.Keep(other);
        await Store.CountAsync(_account, 10, Cancel);
        await Eventually.IsSoAsync(() => other.Covers(_account));
        AttackTable afterRestart = new(_time);
        await using IAsyncDisposable again = Store.Keep(afterRestart);
        await Eventually.IsSoAsync(() => afterRestart.Covers(_account));
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.False(afterRestart.Covers(_account));
    }

    [Fact]
    public async Task What_is_over_is_cleared_a_few_at_a_time()
    {
        IDatabase database = await EmptyAsync();
        await FillAsync(database, Keys.Guessed, 250, Now);
        await FillAsync(database, Keys.Attacks, 250, Now);
        await database.HashSetAsync(Keys.Guesses, [.. Enumerable.Range(0, 250).Select(i => new HashEntry(Other(i), 9))]);
        Assert.NotNull(await Store.CountAsync(_account, 10, Cancel));
        Assert.Equal(151, await database.SortedSetLengthAsync(Keys.Guessed));         // a script that clears all of them lets Redis do nothing else
        Assert.Equal(151, await database.HashLengthAsync(Keys.Guesses));
        Assert.Equal(151, await database.SortedSetLengthAsync(Keys.Attacks));
        Assert.Null(await Store.CountAsync(new AttackedAccount(_account.Tenant, "240"), 9, Cancel));      // not cleared yet, and over all the same
        Assert.Null(await Store.CountAsync(new AttackedAccount(_account.Tenant, "241"), 1, Cancel));
        Assert.Equal(3, await database.SortedSetLengthAsync(Keys.Guessed));
        Assert.Equal(3, await database.HashLengthAsync(Keys.Guesses));
    }

    [Fact]
    public async Task A_full_store_makes_room_for_a_new_account_alone()
    {
        IDatabase database = await EmptyAsync();
        await FillAsync(database, Keys.Guessed, AttackStore.Capacity, Now.AddSeconds(30));
        await FillAsync(database, Keys.Attacks, AttackStore.Capacity, Now.AddSeconds(30));
        AttackedAccount known = new(_account.Tenant, "7");
        Assert.NotNull(await Store.CountAsync(known, 10, Cancel));                    // counted already, and under attack: longer now
        Assert.Equal(AttackStore.Capacity, await database.SortedSetLengthAsync(Keys.Guessed));
        Assert.Equal(AttackStore.Capacity, await database.SortedSetLengthAsync(Keys.Attacks));
        Assert.NotNull(await database.SortedSetScoreAsync(Keys.Guessed, Other(0)));
        Assert.NotNull(await database.SortedSetScoreAsync(Keys.Attacks, Other(0)));
        Assert.NotNull(await Store.CountAsync(_account, 10, Cancel));
        Assert.Equal(AttackStore.Capacity, await database.SortedSetLengthAsync(Keys.Guessed));
        Assert.Equal(AttackStore.Capacity, await database.SortedSetLengthAsync(Keys.Attacks));
        Assert.Null(await database.SortedSetScoreAsync(Keys.Guessed, Other(0)));
        Assert.Null(await database.SortedSetScoreAsync(Keys.Attacks, Other(0)));
        await EmptyAsync();
    }

    private async Task<IDatabase> EmptyAsync()
    {
        IDatabase database = await store.Connection.DatabaseAsync();
        await database.KeyDeleteAsync([Keys.Guessed, Keys.Guesses, Keys.Attacks]);
        return database;
    }

    // Accounts 0, 1, 2 ..., the first of which end first.
    private async Task FillAsync(IDatabase database, RedisKey key, int count, DateTime last)
    {
        long end = new DateTimeOffset(last).ToUnixTimeMilliseconds();
        await database.SortedSetAddAsync(key, [.. Enumerable.Range(0, count).Select(i => new SortedSetEntry(Other(i), end - (count - 1 - i) / 10))]);
    }

    private RedisValue Other(int i) => new AttackedAccount(_account.Tenant, $"{i}").ToString();
}
