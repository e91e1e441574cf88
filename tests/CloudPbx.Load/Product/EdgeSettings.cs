namespace CloudPbx.Load.Product;

/// <summary>How every bench runs an edge: on loopback, without the limits of one source, since the whole load comes from one.</summary>
internal static class EdgeSettings
{
    public static IEnumerable<KeyValuePair<string, string>> For(RedisServer redis, int port) =>
    [
        new("Redis__Connection", redis.Connection),
        new("Edge__Addresses__0", "127.0.0.1"),
        new("Edge__UdpPort", $"{port}"),
        new("Edge__TcpPort", $"{port}"),
        new("Edge__TlsPort", $"{port + 1}"),
        new("Edge__MessagesPerSecond", "0"),
        new("Bans__TrapNames", "0"),
        new("Edge__MaxConnectionsPerSource", "1000000"),
    ];
}
