using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CloudPbx.State.Tests.Stores;

/// <summary>A connection to one of the two servers that CloudPbx runs on.</summary>
public abstract class TestStore : IAsyncLifetime
{
    private RedisConnection? _connection;

    public RedisConnection Connection
    {
        get
        {
            if (_connection is null)
                Assert.Skip("PBX_TEST_REDIS is not set: no redis-server to test on.");
            return _connection;
        }
    }

    protected abstract string? Address { get; }

    public static RedisConnection Connect(string address) => new(
        Options.Create(new RedisOptions { Connection = address, CommandTimeoutMilliseconds = 5000 }), NullLogger<RedisConnection>.Instance);

    public ValueTask InitializeAsync()
    {
        if (Address is { Length: > 0 } address)
            _connection = Connect(address);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        CleanUp();
        GC.SuppressFinalize(this);
    }

    protected virtual void CleanUp()
    {
    }
}

public sealed class GarnetStore : TestStore
{
    private readonly EmbeddedGarnet _garnet = EmbeddedGarnet.Start();

    protected override string Address => _garnet.Connection;

    protected override void CleanUp() => _garnet.Dispose();
}

public sealed class RedisStore : TestStore
{
    protected override string? Address => Environment.GetEnvironmentVariable("PBX_TEST_REDIS");
}
