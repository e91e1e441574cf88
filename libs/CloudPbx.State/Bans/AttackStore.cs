using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace CloudPbx.State.Bans;

/// <summary>Counts in Redis the wrong passwords of each account over all sources and workers (SECURITY.md S3), and says which accounts are under attack.</summary>
/// <remarks>Thread-safe. One key slot holds all counts: never more than <see cref="Capacity"/>, the one that ends first makes room, and all of them expire.</remarks>
public sealed partial class AttackStore(RedisConnection redis, IOptions<BanOptions> options, TimeProvider time, ILogger<AttackStore> logger)
{
    /// <summary>Accounts that are counted at a time.</summary>
    public const int Capacity = 50_000;

    private const int MostCleared = 100;                        // in one call: a script that clears all of them would hold Redis up; each call adds one

    private static readonly TimeSpan s_reload = TimeSpan.FromSeconds(15);

    private readonly BanOptions _options = options.Value;

    // KEYS: ends of the windows, counts, ends of the attacks. ARGV: account, now (Unix ms), guesses, window (ms), guesses that make an attack, its length (ms), capacity, how many that are over to clear at most.
    // Gives the attack's end after '+' where it begins, after '=' where it is made longer by half its length or more; '0' where there is nothing to tell.
    private const string CountScript =
        """
        local now = tonumber(ARGV[2])
        local own = redis.call('ZSCORE', KEYS[1], ARGV[1])
        local over = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[2], 'LIMIT', '0', ARGV[8])
        if own and tonumber(own) <= now then
          over[#over + 1] = ARGV[1]
          own = false
        end
        if not own and #over == 0 and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[7]) then over = redis.call('ZRANGE', KEYS[1], '0', '0') end
        for i = 1, #over do
          redis.call('ZREM', KEYS[1], over[i])
          redis.call('HDEL', KEYS[2], over[i])
        end
        local window = tonumber(ARGV[4])
        local count = redis.call('HINCRBY', KEYS[2], ARGV[1], ARGV[3])
        if not own then redis.call('ZADD', KEYS[1], string.format('%.0f', now + window), ARGV[1]) end
        for i = 1, 2 do
          if redis.call('PTTL', KEYS[i]) < window then redis.call('PEXPIRE', KEYS[i], ARGV[4]) end
        end
        if count < tonumber(ARGV[5]) then return '0' end
        local length = tonumber(ARGV[6])
        local present = redis.call('ZSCORE', KEYS[3], ARGV[1])
        local isNew = not present or tonumber(present) <= now
        if not isNew and tonumber(present) > now + length / 2 then return '0' end
        over = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[2], 'LIMIT', '0', ARGV[8])
        if not present and #over == 0 and redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[7]) then over = redis.call('ZRANGE', KEYS[3], '0', '0') end
        for i = 1, #over do redis.call('ZREM', KEYS[3], over[i]) end
        local ends = string.format('%.0f', now + length)
        redis.call('ZADD', KEYS[3], ends, ARGV[1])
        if redis.call('PTTL', KEYS[3]) < length then redis.call('PEXPIRE', KEYS[3], ARGV[6]) end
        if isNew then return '+' .. ends end
        return '=' .. ends
        """;

    /// <summary>Counts wrong passwords of an account; with the one that is too many it is under attack, and everybody hears of it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="guesses">How many.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    /// <returns>Until when the account is under attack, UTC, and whether that is new; <see langword="null"/> where there is nothing to tell, or Redis is away.</returns>
    public async Task<(DateTime Until, bool IsNew)?> CountAsync(AttackedAccount account, int guesses, CancellationToken cancel)
    {
        string member = account.ToString();
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisResult result = await database.ScriptEvaluateAsync(
                CountScript,
                [Keys.Guessed, Keys.Guesses, Keys.Attacks],
                [
                    member, time.GetUtcNow().ToUnixTimeMilliseconds(), guesses, 1000L * _options.WindowSeconds, _options.AccountWrongPasswords,
                    1000L * _options.AttackSeconds, Capacity, MostCleared,
                ]).WaitAsync(cancel).ConfigureAwait(false);
            if (result.ToString() is not { Length: > 1 } said || !long.TryParse(said.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out long until))
                return null;
            await database.PublishAsync(Keys.AttacksChanged, string.Create(CultureInfo.InvariantCulture, $"{until} {member}")).WaitAsync(cancel).ConfigureAwait(false);
            return (At(until), said[0] == '+');
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }

    /// <summary>Lists the accounts under attack.</summary>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The accounts and until when, UTC; <see langword="null"/> where Redis is away.</returns>
    public async Task<IReadOnlyList<(AttackedAccount Account, DateTime Until)>?> ListAsync(CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            SortedSetEntry[] entries = await database
                .SortedSetRangeByScoreWithScoresAsync(Keys.Attacks, time.GetUtcNow().ToUnixTimeMilliseconds(), exclude: Exclude.Start)
                .WaitAsync(cancel).ConfigureAwait(false);
            List<(AttackedAccount, DateTime)> attacks = new(entries.Length);
            foreach (SortedSetEntry entry in entries)
                if (AttackedAccount.TryParse(entry.Element.ToString(), out AttackedAccount account))
                    attacks.Add((account, At((long)entry.Score)));
            return attacks;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }

    /// <summary>Keeps a table like the store, until disposed. While Redis is away the table stays as it is.</summary>
    /// <param name="table">The table.</param>
    /// <returns>Disposing it ends that.</returns>
    public IAsyncDisposable Keep(AttackTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return new ChangeWatch(
            redis,
            Keys.AttacksChanged,
            s_reload,
            async stop =>
            {
                if (await ListAsync(stop).ConfigureAwait(false) is not { } attacks)
                    return false;
                table.Take(attacks);
                return true;
            },
            LogFault,
            said => Hear(table, said));
    }

    private static void Hear(AttackTable table, string said)
    {
        int space = said.IndexOf(' ', StringComparison.Ordinal);
        if (space > 0 && long.TryParse(said.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out long until)
            && AttackedAccount.TryParse(said[(space + 1)..], out AttackedAccount account))
            table.Add(account, At(until));
    }

    private static DateTime At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime;

    [LoggerMessage(LogLevel.Error, "A table of the accounts under attack could not be kept")]
    private partial void LogFault(Exception fault);
}
