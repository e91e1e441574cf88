using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State;

/// <summary>
/// A hash that only a tenant's owner writes: each write is atomic and refuses a lower epoch than the tenant has seen. Writes of several tenants are one command where all keys are on
/// one server: half of what a write costs is its command and its answer.
/// </summary>
internal sealed class EpochHash
{
    // KEYS: for each write epoch and hash. ARGV: for each write epoch, 1 to begin from nothing, life in ms (0: leave), number of fields removed, number of fields written; the first,
    // then of the others field and value in turn. A call of HSET takes many fields, but not as many as Lua's stack has no room for.
    private const string WriteScript =
        """
        local outcomes, at = {}, 1
        for k = 1, #KEYS, 2 do
          local epoch, fresh, life = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
          local removed = at + 5
          local written = removed + tonumber(ARGV[at + 3])
          at = written + 2 * tonumber(ARGV[at + 4])
          local stored = redis.call('GET', KEYS[k])
          if stored and tonumber(stored) > tonumber(epoch) then
            outcomes[#outcomes + 1] = 0
          else
            outcomes[#outcomes + 1] = 1
            redis.call('SET', KEYS[k], epoch, 'PX', 2592000000)
            if fresh == '1' then redis.call('DEL', KEYS[k + 1]) end
            for i = removed, written - 1 do redis.call('HDEL', KEYS[k + 1], ARGV[i]) end
            for i = written, at - 1, 128 do redis.call('HSET', KEYS[k + 1], unpack(ARGV, i, math.min(i + 127, at - 1))) end
            if life > 0 and life > redis.call('PTTL', KEYS[k + 1]) then redis.call('PEXPIRE', KEYS[k + 1], life) end
          end
        end
        return outcomes
        """;

    private readonly List<RedisKey> _keys = [];
    private readonly List<RedisValue> _arguments = [];

    /// <summary>How many writes were added.</summary>
    public int Count => _keys.Count / 2;

    /// <summary>How many fields they write.</summary>
    public int Fields { get; private set; }

    /// <summary>Adds a write. Its fields follow, each by <see cref="Set"/>.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="hash">The hash, a key of the tenant's.</param>
    /// <param name="epoch">The writer's epoch.</param>
    /// <param name="replace">Whether what stood there goes first.</param>
    /// <param name="life">How long the hash lives at least from now; zero leaves that as it is.</param>
    /// <param name="remove">Fields that go; unknown ones do no harm.</param>
    /// <param name="save">How many fields are written.</param>
    public void Add(TenantId tenant, RedisKey hash, long epoch, bool replace, TimeSpan life, IReadOnlyCollection<string> remove, int save)
    {
        _keys.Add(Keys.Epoch(tenant));
        _keys.Add(hash);
        _arguments.Add(epoch);
        _arguments.Add(replace ? 1 : 0);
        _arguments.Add((long)life.TotalMilliseconds);
        _arguments.Add(remove.Count);
        _arguments.Add(save);
        foreach (string field in remove)
            _arguments.Add(field);
        Fields += save;
    }

    /// <summary>Adds a field of the write that was added last.</summary>
    public void Set(RedisValue field, RedisValue value)
    {
        _arguments.Add(field);
        _arguments.Add(value);
    }

    /// <summary>Writes, each write all or nothing.</summary>
    /// <param name="redis">Where.</param>
    /// <param name="cancel">Stops the wait, not the writes.</param>
    /// <returns>What became of each, in the order in which they were added.</returns>
    public async Task<StoreOutcome[]> WriteAsync(RedisConnection redis, CancellationToken cancel)
    {
        StoreOutcome[] outcomes = new StoreOutcome[Count];
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisResult written = await database.ScriptEvaluateAsync(WriteScript, [.. _keys], [.. _arguments]).WaitAsync(cancel).ConfigureAwait(false);
            for (int i = 0; i < outcomes.Length; i++)
                outcomes[i] = (int)written[i] == 1 ? StoreOutcome.Done : StoreOutcome.Stale;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            Array.Fill(outcomes, StoreOutcome.Away);
        }
        return outcomes;
    }
}
