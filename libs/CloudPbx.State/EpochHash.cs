using StackExchange.Redis;

namespace CloudPbx.State;

/// <summary>A hash that only a tenant's owner writes: each write is one atomic script that refuses a lower epoch than the tenant has seen.</summary>
internal static class EpochHash
{
    // KEYS: epoch, hash. ARGV: epoch, 1 to begin from nothing, life in ms (0: leave), number of fields removed, those, then field and value in turn.
    private const string WriteScript =
        """
        local stored = redis.call('GET', KEYS[1])
        if stored and tonumber(stored) > tonumber(ARGV[1]) then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', 2592000000)
        if ARGV[2] == '1' then redis.call('DEL', KEYS[2]) end
        local removed = tonumber(ARGV[4])
        for i = 5, 4 + removed do redis.call('HDEL', KEYS[2], ARGV[i]) end
        for i = 5 + removed, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
        if tonumber(ARGV[3]) > 0 then
          local present = redis.call('PTTL', KEYS[2])
          local wanted = tonumber(ARGV[3])
          if wanted > present then redis.call('PEXPIRE', KEYS[2], ARGV[3]) end
        end
        return 1
        """;

    /// <summary>Makes the arguments of a write, with room for the fields: those that go are first, then come the others, each with its value behind it.</summary>
    /// <param name="epoch">The writer's epoch.</param>
    /// <param name="replace">Whether what stood there goes first.</param>
    /// <param name="life">How long the hash lives at least from now; zero leaves that as it is.</param>
    /// <param name="remove">Fields that go; unknown ones do no harm.</param>
    /// <param name="save">How many fields are written.</param>
    /// <param name="room">The place of the first one that is written.</param>
    public static RedisValue[] Arguments(long epoch, bool replace, TimeSpan life, IReadOnlyCollection<string> remove, int save, out int room)
    {
        RedisValue[] arguments = new RedisValue[4 + remove.Count + (2 * save)];
        arguments[0] = epoch;
        arguments[1] = replace ? 1 : 0;
        arguments[2] = (long)life.TotalMilliseconds;
        arguments[3] = remove.Count;
        room = 4;
        foreach (string field in remove)
            arguments[room++] = field;
        return arguments;
    }

    /// <summary>Writes, all or nothing.</summary>
    /// <param name="redis">Where.</param>
    /// <param name="keys">The tenant's epoch, then the hash.</param>
    /// <param name="arguments">What <see cref="Arguments"/> made, filled.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public static async Task<StoreOutcome> WriteAsync(RedisConnection redis, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisResult written = await database.ScriptEvaluateAsync(WriteScript, keys, arguments).WaitAsync(cancel).ConfigureAwait(false);
            return (int)written == 1 ? StoreOutcome.Done : StoreOutcome.Stale;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return StoreOutcome.Away;
        }
    }
}
