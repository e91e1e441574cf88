using StackExchange.Redis;

namespace CloudPbx.State.Answers;

/// <summary>Answers that are given again to a request that is sent again. What they are is the writer's business: octets, sealed where they hold secrets.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class AnswerStore(RedisConnection redis)
{
    /// <summary>How long a request may be under way before its key is free again, because its process died.</summary>
    private static readonly TimeSpan s_underWay = TimeSpan.FromMinutes(1);

    /// <summary>How long an answer is kept.</summary>
    private static readonly TimeSpan s_kept = TimeSpan.FromHours(24);

    /// <summary>Begins a request, unless one of its name has begun before.</summary>
    /// <param name="name">Whose request, and its key.</param>
    /// <param name="begun">What to store while it is under way.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>Whether Redis answered, and what is stored of an earlier request; <see langword="null"/>: this one has begun.</returns>
    public async Task<(bool IsThere, byte[]? Earlier)> BeginAsync(string name, byte[] begun, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            while (true)
            {
                if (await database.StringSetAsync(Keys.Answer(name), begun, s_underWay, When.NotExists).WaitAsync(cancel).ConfigureAwait(false))
                    return (true, null);
                byte[]? earlier = await database.StringGetAsync(Keys.Answer(name)).WaitAsync(cancel).ConfigureAwait(false);
                if (earlier is not null)
                    return (true, earlier);                     // otherwise it expired between the two
            }
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return (false, null);
        }
    }

    /// <summary>Keeps the answer of a request that has begun.</summary>
    /// <param name="name">Whose request, and its key.</param>
    /// <param name="answer">The answer; <see langword="null"/>: none worth keeping, the request may be sent again.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>Whether Redis has it.</returns>
    public async Task<bool> EndAsync(string name, byte[]? answer, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            return answer is null
                ? await database.KeyDeleteAsync(Keys.Answer(name)).WaitAsync(cancel).ConfigureAwait(false)
                : await database.StringSetAsync(Keys.Answer(name), answer, s_kept).WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return false;
        }
    }
}
