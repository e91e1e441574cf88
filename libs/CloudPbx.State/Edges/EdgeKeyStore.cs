using System.Security.Cryptography;
using StackExchange.Redis;

namespace CloudPbx.State.Edges;

/// <summary>The secret that all edges share: the first edge makes it, the others and every later start read it, so that flow tokens in bindings stay good.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class EdgeKeyStore(RedisConnection redis)
{
    /// <summary>The octets of the secret.</summary>
    public const int SecretLength = 32;

    /// <summary>Reads the secret; makes it where there is none.</summary>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns><see cref="SecretLength"/> octets, or <see langword="null"/> where Redis is away.</returns>
    public async Task<byte[]?> LoadOrCreateAsync(CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            byte[] fresh = RandomNumberGenerator.GetBytes(SecretLength);
            await database.StringSetAsync(Keys.EdgeSecret, fresh, expiry: null, when: When.NotExists).WaitAsync(cancel).ConfigureAwait(false);
            byte[]? secret = await database.StringGetAsync(Keys.EdgeSecret).WaitAsync(cancel).ConfigureAwait(false);
            return secret is { Length: SecretLength } ? secret : null;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }
}
