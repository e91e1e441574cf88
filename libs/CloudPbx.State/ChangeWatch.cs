using System.Collections.Concurrent;
using System.Diagnostics;
using StackExchange.Redis;

namespace CloudPbx.State;

/// <summary>Loads something now, when a channel says that it changed, and every so often; while the loading fails, every half second.</summary>
internal sealed class ChangeWatch : IAsyncDisposable
{
    private const int MaximumMessages = 4096;        // more are not worth keeping: everything is loaded again

    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(500);

    private readonly RedisConnection _redis;
    private readonly RedisChannel _channel;
    private readonly TimeSpan _interval;
    private readonly Func<CancellationToken, Task<bool>> _load;
    private readonly Action<Exception> _fault;
    private readonly CancellationTokenSource _stop = new();
    private readonly Action<string>? _message;
    private readonly ConcurrentQueue<string> _messages = new();
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly Task _loop;
    private volatile bool _missed;
    private int _disposed;

    /// <param name="redis">Where the channel is.</param>
    /// <param name="channel">What says that something changed.</param>
    /// <param name="interval">How often to load unasked.</param>
    /// <param name="load">Loads and hands over; false where it could not.</param>
    /// <param name="fault">Takes what <paramref name="load"/> throws, which is a bug of ours.</param>
    /// <param name="message">Takes what the channel says, where its messages tell the whole change; nothing is loaded then. They come after what was loaded, in order.</param>
    public ChangeWatch(
        RedisConnection redis, RedisChannel channel, TimeSpan interval, Func<CancellationToken, Task<bool>> load, Action<Exception> fault,
        Action<string>? message = null)
    {
        (_redis, _channel, _interval, _load, _fault, _message) = (redis, channel, interval, load, fault, message);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Ends the watch; doing it twice does no harm, as a service may be stopped twice.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
        _changed.Dispose();
    }

    private async Task RunAsync()
    {
        ChannelMessageQueue? messages = null;
        bool loaded = false;
        long loadedAt = 0;
        try
        {
            while (true)
            {
                try
                {
                    messages ??= await SubscribeAsync().ConfigureAwait(false);
                    if (_message is null || _missed || !loaded || Stopwatch.GetElapsedTime(loadedAt) >= _interval)
                    {
                        loaded = _missed = false;
                        loaded = await _load(_stop.Token).ConfigureAwait(false);
                        loadedAt = Stopwatch.GetTimestamp();
                    }
                    while (_messages.TryDequeue(out string? message))
                        _message!(message);
                }
                catch (Exception fault) when (RedisConnection.IsAway(fault))
                {
                    // Tried again in half a second.
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    _fault(fault);
                }
                TimeSpan pause = !loaded ? s_retry : _message is null ? _interval : _interval - Stopwatch.GetElapsedTime(loadedAt);
                await _changed.WaitAsync(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
        finally
        {
            if (messages is not null)
                await UnsubscribeAsync(messages).ConfigureAwait(false);
        }
    }

    private async Task<ChannelMessageQueue> SubscribeAsync()
    {
        ISubscriber subscriber = await _redis.SubscriberAsync().ConfigureAwait(false);
        ChannelMessageQueue messages = await subscriber.SubscribeAsync(_channel).ConfigureAwait(false);
        messages.OnMessage(said => Hear(said.Message));
        return messages;
    }

    private void Hear(RedisValue said)
    {
        if (_message is not null && _messages.Count < MaximumMessages)
            _messages.Enqueue(said.ToString());
        else
            _missed = true;
        Wake();
    }

    private void Wake()
    {
        try
        {
            _changed.Release();
        }
        catch (Exception fault) when (fault is SemaphoreFullException or ObjectDisposedException)
        {
            // Awake already, or no longer interested.
        }
    }

    private static async Task UnsubscribeAsync(ChannelMessageQueue messages)
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
