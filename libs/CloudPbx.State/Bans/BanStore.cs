using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace CloudPbx.State.Bans;

/// <summary>The bans in Redis: workers add them, an operator lifts them, edges and workers hear of both.</summary>
/// <remarks>Thread-safe. One key slot holds them all, so that a process reads them at once.</remarks>
public sealed partial class BanStore(RedisConnection redis, IOptions<BanOptions> options, TimeProvider time, ILogger<BanStore> logger)
{
    private const char Banned = '+';
    private const char Lifted = '-';

    private static readonly TimeSpan s_reload = TimeSpan.FromSeconds(15);

    private readonly BanOptions _options = options.Value;

    // KEYS: until, details, strikes, registered source. ARGV: subject, now (Unix ms), first and longest ban (ms), memory (ms), capacity, 1 for a whole source.
    // Gives the ban's end, '0' where there is none, because an account is registered from that source.
    private const string BanScript =
        """
        if ARGV[7] == '1' and redis.call('EXISTS', KEYS[4]) == 1 then return '0' end
        local now = tonumber(ARGV[2])
        local present = redis.call('ZSCORE', KEYS[1], ARGV[1])
        if present and tonumber(present) > now then return present end
        local strikes = redis.call('INCR', KEYS[3])
        local length = tonumber(ARGV[3])
        local longest = tonumber(ARGV[4])
        for i = 2, strikes do
          length = length * 2
          if length >= longest then
            length = longest
            break
          end
        end
        redis.call('PEXPIRE', KEYS[3], string.format('%.0f', length + tonumber(ARGV[5])))
        local over = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
        if #over == 0 and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[6]) then over = redis.call('ZRANGE', KEYS[1], '0', '0') end
        for i = 1, #over do
          redis.call('ZREM', KEYS[1], over[i])
          redis.call('HDEL', KEYS[2], over[i])
        end
        local ends = string.format('%.0f', now + length)
        redis.call('ZADD', KEYS[1], ends, ARGV[1])
        redis.call('HSET', KEYS[2], ARGV[1], ARGV[2] .. ' ' .. strikes)
        local life = string.format('%.0f', length)
        for i = 1, 2 do
          if redis.call('PTTL', KEYS[i]) < length then redis.call('PEXPIRE', KEYS[i], life) end
        end
        return ends
        """;

    /// <summary>Bans somebody, twice as long as the last time, and tells everybody. Who is banned already stays so until the same end.</summary>
    /// <param name="subject">Who.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    /// <returns>The ban's end, UTC; <see langword="null"/> where Redis is away, or a whole source cannot be banned because an account is registered from it.</returns>
    public async Task<DateTime?> BanAsync(BanSubject subject, CancellationToken cancel)
    {
        string member = subject.ToString();
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisResult result = await database.ScriptEvaluateAsync(
                BanScript,
                [Keys.Bans, Keys.BanDetails, Keys.BanStrikes(member), Keys.RegisteredSource(subject.Source.ToString())],
                [
                    member, time.GetUtcNow().ToUnixTimeMilliseconds(), 1000L * _options.FirstBanSeconds, 1000L * _options.LongestBanSeconds,
                    1000L * _options.MemorySeconds, BanTable.Capacity, subject.Tenant is null ? 1 : 0,
                ]).WaitAsync(cancel).ConfigureAwait(false);
            if (!long.TryParse(result.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out long until) || until == 0)
                return null;
            await database.PublishAsync(Keys.BansChanged, string.Create(CultureInfo.InvariantCulture, $"{Banned}{until} {member}")).WaitAsync(cancel).ConfigureAwait(false);
            return DateTimeOffset.FromUnixTimeMilliseconds(until).UtcDateTime;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }

    /// <summary>Lifts the bans of a source, and forgets how often it was banned.</summary>
    /// <param name="source">Whose.</param>
    /// <param name="account">Only those of this account, whatever its tenant; <see langword="null"/> for the source's own ban and those of all its accounts.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    /// <returns>How many were lifted; <see langword="null"/> where Redis is away.</returns>
    public async Task<int?> LiftAsync(BanSource source, string? account, CancellationToken cancel)
    {
        if (await ListAsync(cancel).ConfigureAwait(false) is not { } bans)
            return null;
        BanSubject[] subjects = [.. bans.Select(ban => ban.Subject).Where(subject => subject.Source == source && (account is null || subject.Account == account))];
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            foreach (string member in subjects.Select(subject => subject.ToString()))
            {
                await database.SortedSetRemoveAsync(Keys.Bans, member).WaitAsync(cancel).ConfigureAwait(false);
                await database.HashDeleteAsync(Keys.BanDetails, member).WaitAsync(cancel).ConfigureAwait(false);
                await database.KeyDeleteAsync(Keys.BanStrikes(member)).WaitAsync(cancel).ConfigureAwait(false);
                await database.PublishAsync(Keys.BansChanged, $"{Lifted}{member}").WaitAsync(cancel).ConfigureAwait(false);
            }
            return subjects.Length;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }

    /// <summary>Lists the bans in force, in the order of their ends.</summary>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The bans, or <see langword="null"/> where Redis is away.</returns>
    public async Task<IReadOnlyList<Ban>?> ListAsync(CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            SortedSetEntry[] entries = await database
                .SortedSetRangeByScoreWithScoresAsync(Keys.Bans, time.GetUtcNow().ToUnixTimeMilliseconds(), exclude: Exclude.Start)
                .WaitAsync(cancel).ConfigureAwait(false);
            if (entries.Length == 0)
                return [];
            RedisValue[] details = await database.HashGetAsync(Keys.BanDetails, [.. entries.Select(entry => entry.Element)]).WaitAsync(cancel).ConfigureAwait(false);
            List<Ban> bans = new(entries.Length);
            for (int i = 0; i < entries.Length; i++)
            {
                if (!BanSubject.TryParse(entries[i].Element.ToString(), out BanSubject subject))
                    continue;
                DateTime until = DateTimeOffset.FromUnixTimeMilliseconds((long)entries[i].Score).UtcDateTime;
                bans.Add(Detailed(subject, until, details[i].ToString()));
            }
            return bans;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }

    /// <summary>Says that an account is registered from a source: while that holds, the source is not banned as a whole.</summary>
    /// <param name="source">From where.</param>
    /// <param name="life">How long it holds.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public async Task<StoreOutcome> MarkRegisteredAsync(BanSource source, TimeSpan life, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            await database.StringSetAsync(Keys.RegisteredSource(source.ToString()), "1", life).WaitAsync(cancel).ConfigureAwait(false);
            return StoreOutcome.Done;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return StoreOutcome.Away;
        }
    }

    /// <summary>Keeps a table like the store, until disposed. While Redis is away the table stays as it is.</summary>
    /// <param name="table">The table.</param>
    /// <returns>Disposing it ends that.</returns>
    public IAsyncDisposable Keep(BanTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return new ChangeWatch(
            redis,
            Keys.BansChanged,
            s_reload,
            async stop =>
            {
                if (await ListAsync(stop).ConfigureAwait(false) is not { } bans)
                    return false;
                table.Replace(bans);
                return true;
            },
            LogFault,
            said => Take(table, said));
    }

    private static void Take(BanTable table, string said)
    {
        if (said.Length > 1 && said[0] == Lifted && BanSubject.TryParse(said[1..], out BanSubject lifted))
        {
            table.Remove(lifted);
            return;
        }
        int space = said.IndexOf(' ', StringComparison.Ordinal);
        if (space > 1 && said[0] == Banned && long.TryParse(said.AsSpan(1, space - 1), NumberStyles.None, CultureInfo.InvariantCulture, out long until)
            && BanSubject.TryParse(said[(space + 1)..], out BanSubject banned))
            table.Add(banned, DateTimeOffset.FromUnixTimeMilliseconds(until).UtcDateTime);
    }

    private static Ban Detailed(in BanSubject subject, DateTime until, string details)
    {
        string[] parts = details.Split(' ');
        bool known = parts.Length == 2 & long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long since);
        _ = int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int strikes);
        return new Ban(subject, known ? DateTimeOffset.FromUnixTimeMilliseconds(since).UtcDateTime : until, until, Math.Max(1, strikes));
    }

    [LoggerMessage(LogLevel.Error, "A table of the bans could not be kept")]
    private partial void LogFault(Exception fault);
}
