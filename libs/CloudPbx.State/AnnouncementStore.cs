using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StackExchange.Redis;

namespace CloudPbx.State;

/// <summary>What processes announce about themselves for as long as they live: name → address, gone when not repeated in time.</summary>
internal sealed class AnnouncementStore<T>(RedisConnection redis, TimeProvider time, string kind, JsonTypeInfo<T> type)
    where T : class
{
    private static readonly TimeSpan s_reload = TimeSpan.FromSeconds(2);

    // KEYS: announced, deadlines. ARGV: name, value ('' withdraws), deadline, now (Unix ms), life in ms. Gives 1 where the list changed.
    private const string AnnounceScript =
        """
        local changed = 0
        local dead = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[4])
        for i = 1, #dead do
          redis.call('HDEL', KEYS[1], dead[i])
          redis.call('ZREM', KEYS[2], dead[i])
          changed = 1
        end
        if ARGV[2] == '' then
          redis.call('ZREM', KEYS[2], ARGV[1])
          return redis.call('HDEL', KEYS[1], ARGV[1])
        end
        if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then changed = 1 end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
        redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
        for i = 1, 2 do
          if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[5]) then redis.call('PEXPIRE', KEYS[i], ARGV[5]) end
        end
        return changed
        """;

    public Task<StoreOutcome> AnnounceAsync(string name, T value, TimeSpan life, CancellationToken cancel) =>
        WriteAsync(name, JsonSerializer.SerializeToUtf8Bytes(value, type), life, cancel);

    public Task<StoreOutcome> WithdrawAsync(string name, CancellationToken cancel) => WriteAsync(name, RedisValue.EmptyString, TimeSpan.Zero, cancel);

    public async Task<IReadOnlyList<T>?> ListAsync(CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            long now = time.GetUtcNow().ToUnixTimeMilliseconds();
            RedisValue[] names = await database.SortedSetRangeByScoreAsync(Keys.AnnouncementDeadlines(kind), now, exclude: Exclude.Start)
                .WaitAsync(cancel).ConfigureAwait(false);
            if (names.Length == 0)
                return [];
            RedisValue[] values = await database.HashGetAsync(Keys.Announcements(kind), names).WaitAsync(cancel).ConfigureAwait(false);
            return [.. values.Select(value => StateJson.Read(value, type)).OfType<T>()];
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }

    public IAsyncDisposable Subscribe(Action<IReadOnlyList<T>> changed, Action<Exception> fault)
    {
        IReadOnlyList<T>? last = null;
        return new ChangeWatch(
            redis,
            Keys.AnnouncementsChanged(kind),
            s_reload,
            async stop =>
            {
                if (await ListAsync(stop).ConfigureAwait(false) is not { } list)
                    return false;
                if (last is null || !list.ToHashSet().SetEquals(last))
                {
                    last = list;
                    changed(list);
                }
                return true;
            },
            fault);
    }

    private async Task<StoreOutcome> WriteAsync(string name, RedisValue value, TimeSpan life, CancellationToken cancel)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        long lifeMilliseconds = (long)life.TotalMilliseconds;
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisResult changed = await database.ScriptEvaluateAsync(
                AnnounceScript,
                [Keys.Announcements(kind), Keys.AnnouncementDeadlines(kind)],
                [name, value, now + lifeMilliseconds, now, lifeMilliseconds]).WaitAsync(cancel).ConfigureAwait(false);
            if ((int)changed != 0)
                await database.PublishAsync(Keys.AnnouncementsChanged(kind), name).WaitAsync(cancel).ConfigureAwait(false);
            return StoreOutcome.Done;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return StoreOutcome.Away;
        }
    }
}
