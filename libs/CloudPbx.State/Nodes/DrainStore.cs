using StackExchange.Redis;

namespace CloudPbx.State.Nodes;

/// <summary>Which nodes (edges, workers, media nodes) the operator wants to be drained: nothing begins there, what stands moves to others, or goes on where there are none. A node looks at it with each of its announcements.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class DrainStore(RedisConnection redis)
{
    /// <summary>Longer than any drain; a wish that nobody took back goes with the data of Redis at the latest then.</summary>
    private static readonly TimeSpan s_life = TimeSpan.FromDays(30);

    /// <summary>Wishes that a node be drained, or takes the wish back.</summary>
    /// <param name="name">The name that the node announces itself by.</param>
    /// <param name="drain">Whether.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public async Task<StoreOutcome> WishAsync(string name, bool drain, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            if (drain)
            {
                await database.SetAddAsync(Keys.DrainWishes, name).WaitAsync(cancel).ConfigureAwait(false);
                await database.KeyExpireAsync(Keys.DrainWishes, s_life).WaitAsync(cancel).ConfigureAwait(false);
            }
            else
            {
                await database.SetRemoveAsync(Keys.DrainWishes, name).WaitAsync(cancel).ConfigureAwait(false);
            }
            return StoreOutcome.Done;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return StoreOutcome.Away;
        }
    }

    /// <summary>Whether a node is to be drained.</summary>
    /// <param name="name">The name that it announces itself by.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns><see langword="null"/> where Redis is away.</returns>
    public async Task<bool?> IsWishedAsync(string name, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            return await database.SetContainsAsync(Keys.DrainWishes, name).WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }
}
