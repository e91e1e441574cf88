using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace CloudPbx.State;

/// <summary>The process's one connection to Redis (or Garnet): made at first use, kept, re-made by the client library when it breaks.</summary>
/// <remarks>Thread-safe. A command while the server is away fails at once instead of waiting in a backlog; the stores turn that into a result.</remarks>
public sealed partial class RedisConnection : IAsyncDisposable
{
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection;
    private readonly ILogger<RedisConnection> _logger;

    /// <summary>Prepares the connection; connects at first use.</summary>
    /// <param name="options">Where Redis is.</param>
    /// <param name="logger">Takes one line when the connection breaks and one when it is back.</param>
    public RedisConnection(IOptions<RedisOptions> options, ILogger<RedisConnection> logger)
    {
        _logger = logger;
        _connection = new Lazy<Task<ConnectionMultiplexer>>(() => ConnectAsync(options.Value));
    }

    /// <summary>Raised when the server is there again, perhaps without its data: owners write what they hold once more. On a thread of the client library; must not throw.</summary>
    public event Action? Restored;

    /// <summary>Gives the commands.</summary>
    internal async ValueTask<IDatabase> DatabaseAsync() => (await _connection.Value.ConfigureAwait(false)).GetDatabase();

    /// <summary>Gives the channels.</summary>
    internal async ValueTask<ISubscriber> SubscriberAsync() => (await _connection.Value.ConfigureAwait(false)).GetSubscriber();

    /// <summary>Whether a connection stands: a command that fails all the same came too late, and is worth another try.</summary>
    public bool IsConnected => _connection is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true, Result.IsConnected: true } };

    /// <summary>Whether all keys are on one server, so that a script may touch any: not in a cluster, and not known before a connection stands.</summary>
    internal async ValueTask<bool> IsOneServerAsync()
    {
        ConnectionMultiplexer connection = await _connection.Value.ConfigureAwait(false);
        return connection.IsConnected && Array.TrueForAll(connection.GetServers(), server => server.ServerType is ServerType.Standalone or ServerType.Sentinel);
    }

    /// <summary>Asks the server for a sign of life.</summary>
    /// <returns>Whether it answered. Never throws.</returns>
    public async Task<bool> IsAliveAsync()
    {
        try
        {
            await (await DatabaseAsync().ConfigureAwait(false)).PingAsync().ConfigureAwait(false);
            return true;
        }
        catch (Exception fault) when (IsAway(fault))
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated && _connection.Value.IsCompletedSuccessfully)
            await _connection.Value.Result.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Whether a fault means that Redis did not do what it was asked: away, too slow, out of memory, a read-only replica.</summary>
    /// <remarks>What the client library gives up while it connects it cancels, by nobody's token; a token of ours is another matter.</remarks>
    internal static bool IsAway(Exception fault) =>
        fault is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException { CancellationToken.CanBeCanceled: false };

    private async Task<ConnectionMultiplexer> ConnectAsync(RedisOptions options)
    {
        ConfigurationOptions configuration = ConfigurationOptions.Parse(options.Connection);
        configuration.AbortOnConnectFail = false;
        configuration.AsyncTimeout = options.CommandTimeoutMilliseconds;
        configuration.SyncTimeout = options.CommandTimeoutMilliseconds;
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.ReconnectRetryPolicy = new LinearRetry(500);
        configuration.SocketManager = SocketManager.ThreadPool;       // threads of its own are woken for each answer, and wake ours
        ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(configuration).ConfigureAwait(false);
        connection.ConnectionFailed += (_, failure) =>
        {
            if (failure.ConnectionType == ConnectionType.Interactive)
                LogLost(failure.FailureType);
        };
        connection.ConnectionRestored += (_, restored) =>
        {
            if (restored.ConnectionType == ConnectionType.Interactive)
            {
                LogRestored();
                Restored?.Invoke();
            }
        };
        return connection;
    }

    [LoggerMessage(LogLevel.Warning, "Redis is away ({Failure}); live state is kept in memory until it is back")]
    private partial void LogLost(ConnectionFailureType failure);

    [LoggerMessage(LogLevel.Information, "Redis is back")]
    private partial void LogRestored();
}
