using System.Globalization;
using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State.Usage;

/// <summary>The day's use of calls to the outside: added to by the tenant's owner, read by the next one.</summary>
/// <remarks>Thread-safe. Additions commute, so that a late one of an earlier owner is right, too.</remarks>
public sealed class UsageStore(RedisConnection redis)
{
    /// <summary>How long a day's figures live after the last addition: until the day is over everywhere.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(2);

    private const char Milliseconds = 't';
    private const char Money = 'm';

    /// <summary>Adds calls that have ended, all of them or none.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="ended">What they add to a day.</param>
    /// <returns><see cref="StoreOutcome.Done"/>, or <see cref="StoreOutcome.Away"/>.</returns>
    public async Task<StoreOutcome> AddAsync(TenantId tenant, UsageOfDay ended)
    {
        ArgumentNullException.ThrowIfNull(ended);
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisKey key = Keys.Usage(tenant, ended.Day);
            ITransaction addition = database.CreateTransaction();
            foreach ((string payer, long milliseconds, long microUnits) in ended.Payers)
            {
                _ = addition.HashIncrementAsync(key, Milliseconds + payer, milliseconds);
                if (microUnits != 0)
                    _ = addition.HashIncrementAsync(key, Money + payer, microUnits);
            }
            _ = addition.KeyExpireAsync(key, Life);
            RedisKey destinations = Keys.UsageByDestination(tenant, ended.Day);
            foreach ((string destination, long microUnits) in ended.Destinations)
                _ = addition.HashIncrementAsync(destinations, destination, microUnits);
            if (ended.Destinations.Count > 0)
                _ = addition.KeyExpireAsync(destinations, Life);
            await addition.ExecuteAsync().ConfigureAwait(false);
            return StoreOutcome.Done;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return StoreOutcome.Away;
        }
    }

    /// <summary>Reads a day.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="day">The day, UTC.</param>
    /// <returns>The figures; <see langword="null"/> where Redis is away.</returns>
    public async Task<UsageOfDay?> LoadAsync(TenantId tenant, DateOnly day)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            Task<HashEntry[]> destinations = database.HashGetAllAsync(Keys.UsageByDestination(tenant, day));
            HashEntry[] entries = await database.HashGetAllAsync(Keys.Usage(tenant, day)).ConfigureAwait(false);
            Dictionary<string, (long Milliseconds, long MicroUnits)> payers = [];
            foreach (HashEntry entry in entries)
            {
                string name = entry.Name.ToString();
                if (name.Length < 2 || !long.TryParse(entry.Value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
                    continue;
                (long milliseconds, long microUnits) = payers.GetValueOrDefault(name[1..]);
                payers[name[1..]] = name[0] == Milliseconds ? (value, microUnits) : (milliseconds, value);
            }
            return new UsageOfDay(day, [.. payers.Select(payer => (payer.Key, payer.Value.Milliseconds, payer.Value.MicroUnits))])
            {
                Destinations = [.. (await destinations.ConfigureAwait(false)).Select(entry => (entry.Name.ToString(), (long)entry.Value))],
            };
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }
}
