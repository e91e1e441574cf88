using System.Collections.Concurrent;
using CloudPbx.AllInOne.Embedded;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace CloudPbx.AllInOne.Tests.Embedded;

public sealed class GarnetHostTests
{
    [Fact]
    public async Task What_was_written_last_is_there_after_the_end_and_the_end_is_told_as_no_error()
    {
        using var folder = new TemporaryFolder();
        using var log = new LinesOfALog();
        for (int start = 0; start < 4; start++)
        {
            using var store = new GarnetHost(folder.Path);
            store.Start(log);
            await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(store.ConnectionString);
            IDatabase database = redis.GetDatabase();
            Assert.Equal(start, await database.StringLengthAsync("starts"));
            await database.StringAppendAsync("starts", "x");
        }
        Assert.Empty(log.Lines);
    }

    private sealed class LinesOfALog : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
