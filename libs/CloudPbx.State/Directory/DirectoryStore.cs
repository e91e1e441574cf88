using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace CloudPbx.State.Directory;

/// <summary>The directory in Redis: Api publishes it, edges load it and hear of changes.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed partial class DirectoryStore(RedisConnection redis, ILogger<DirectoryStore> logger)
{
    /// <summary>How often a subscriber loads again although nothing was said, since a message on a channel may be lost.</summary>
    public static readonly TimeSpan ReloadInterval = TimeSpan.FromSeconds(15);

    // KEYS: snapshot. ARGV: version, content.
    private const string PublishScript =
        """
        local stored = redis.call('HGET', KEYS[1], 'version')
        if stored and tonumber(stored) > tonumber(ARGV[1]) then return 0 end
        redis.call('HSET', KEYS[1], 'version', ARGV[1], 'content', ARGV[2])
        return 1
        """;

    /// <summary>Reads the directory.</summary>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The directory, or <see langword="null"/> where Redis is away or nobody has published yet.</returns>
    public async Task<DirectorySnapshot?> LoadAsync(CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisValue[] values = await database.HashGetAsync(Keys.Directory, ["version", "content"]).WaitAsync(cancel).ConfigureAwait(false);
            return values[0].TryParse(out long version) && StateJson.Read(values[1], StateJson.Default.DirectoryContent) is { } content
                ? new DirectorySnapshot(version, content.Domains, content.Users, content.DefaultTenant)
                {
                    Carriers = [.. content.Carriers],
                    SharedLines = [.. content.SharedLines],
                    Sha256Tenants = content.Sha256Tenants.ToFrozenSet(),
                    Emergency = [.. content.Emergency],
                    Numbers = content.Numbers.ToFrozenDictionary(StringComparer.Ordinal),
                }
                : null;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }

    /// <summary>Writes the directory and tells the edges.</summary>
    /// <param name="snapshot">The whole directory.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    /// <returns><see cref="StoreOutcome.Stale"/> where a later reading of the database stands there already.</returns>
    public async Task<StoreOutcome> PublishAsync(DirectorySnapshot snapshot, CancellationToken cancel)
    {
        DirectoryContent content = new()
        {
            Domains = new(snapshot.Domains, StringComparer.OrdinalIgnoreCase),
            Users = new(snapshot.Users, StringComparer.Ordinal),
            DefaultTenant = snapshot.DefaultTenant,
            Carriers = snapshot.Carriers,
            SharedLines = snapshot.SharedLines,
            Sha256Tenants = [.. snapshot.Sha256Tenants],
            Emergency = snapshot.Emergency,
            Numbers = new(snapshot.Numbers, StringComparer.Ordinal),
        };
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisValue written = JsonSerializer.SerializeToUtf8Bytes(content, StateJson.Default.DirectoryContent);
            RedisResult result = await database.ScriptEvaluateAsync(PublishScript, [Keys.Directory], [snapshot.Version, written])
                .WaitAsync(cancel).ConfigureAwait(false);
            if ((int)result != 1)
                return StoreOutcome.Stale;
            await database.PublishAsync(Keys.DirectoryChanged, snapshot.Version).WaitAsync(cancel).ConfigureAwait(false);
            return StoreOutcome.Done;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return StoreOutcome.Away;
        }
    }

    /// <summary>Hands over the directory as soon as there is one, and again whenever it changes.</summary>
    /// <param name="changed">Called with each directory that is newer than the last, one call at a time, on a pool thread: post it to whoever owns the state.</param>
    /// <param name="cancel">Gives up the subscribing, not the subscription.</param>
    /// <returns>Disposing it ends the subscription.</returns>
    public Task<IAsyncDisposable> SubscribeAsync(Action<DirectorySnapshot> changed, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        long seen = -1;
        return Task.FromResult<IAsyncDisposable>(new ChangeWatch(
            redis,
            Keys.DirectoryChanged,
            ReloadInterval,
            async stop =>
            {
                if (await LoadAsync(stop).ConfigureAwait(false) is not { } snapshot)
                    return false;
                if (snapshot.Version > seen)
                {
                    seen = snapshot.Version;
                    changed(snapshot);
                }
                return true;
            },
            LogFault));
    }

    [LoggerMessage(LogLevel.Error, "A subscriber of the directory failed")]
    private partial void LogFault(Exception fault);
}
