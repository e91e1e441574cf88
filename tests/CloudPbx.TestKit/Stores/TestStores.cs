using Xunit;

namespace CloudPbx.TestKit.Stores;

/// <summary>The real stores that <c>./pbx test</c> starts for a run. A test that needs one that is not there is skipped with the reason.</summary>
public static class TestStores
{
    /// <summary>Connection string of a superuser of an empty PostgreSQL server: each test makes databases of its own.</summary>
    public static string Postgres => Need("PBX_TEST_POSTGRES", "postgresql");

    /// <summary>Address of a Redis server, as StackExchange.Redis takes it. It is shared: use keys or a database of your own.</summary>
    public static string Redis => Need("PBX_TEST_REDIS", "redis-server");

    /// <summary>AMQP URL of a RabbitMQ server. It is shared: use queues or a virtual host of your own.</summary>
    public static string RabbitMq => Need("PBX_TEST_RABBITMQ", "rabbitmq-server");

    private static string Need(string variable, string package)
    {
        string? value = Environment.GetEnvironmentVariable(variable);
        Assert.SkipWhen(string.IsNullOrEmpty(value), $"{variable} is not set: run ./pbx test with the package {package} installed");
        return value!;
    }
}
