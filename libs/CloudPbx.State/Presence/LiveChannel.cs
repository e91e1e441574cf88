using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State.Presence;

/// <summary>Carries what changes in a tenant from its owner to who watches it. Nothing is kept: who begins to watch, or missed something, asks the owner.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class LiveChannel(RedisConnection redis)
{
    /// <summary>Says something. Does not fault; while Redis is away it is lost.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="message">The owner's own format.</param>
    public async Task PublishAsync(TenantId tenant, ReadOnlyMemory<byte> message)
    {
        try
        {
            ISubscriber subscriber = await redis.SubscriberAsync().ConfigureAwait(false);
            await subscriber.PublishAsync(Keys.Live(tenant), message, CommandFlags.FireAndForget).ConfigureAwait(false);
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            // Watchers count, and ask.
        }
    }

    /// <summary>Listens to a tenant.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="heard">Takes each message, in order.</param>
    /// <returns>The subscription, which stands when this completes; <see langword="null"/> where Redis is away.</returns>
    public async Task<IAsyncDisposable?> SubscribeAsync(TenantId tenant, Action<ReadOnlyMemory<byte>> heard)
    {
        ArgumentNullException.ThrowIfNull(heard);
        try
        {
            ISubscriber subscriber = await redis.SubscriberAsync().ConfigureAwait(false);
            ChannelMessageQueue messages = await subscriber.SubscribeAsync(Keys.Live(tenant)).ConfigureAwait(false);
            messages.OnMessage(said => heard((ReadOnlyMemory<byte>)said.Message));
            return new Subscription(messages);
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }

    private sealed class Subscription(ChannelMessageQueue messages) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await messages.UnsubscribeAsync().ConfigureAwait(false);
            }
            catch (Exception fault) when (RedisConnection.IsAway(fault))
            {
                // The connection takes its subscriptions along.
            }
        }
    }
}
