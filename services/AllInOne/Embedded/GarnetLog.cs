namespace CloudPbx.AllInOne.Embedded;

/// <summary>
/// Garnet's errors in the product's log. Not those of its end: it cancels what it does in the background, be it in the middle of a write, and calls that an error.
/// </summary>
/// <param name="logging">The product's log.</param>
internal sealed class GarnetLog(ILoggerFactory logging) : ILoggerFactory
{
    private volatile bool _isEnding;

    /// <summary>Whether the server is about to end.</summary>
    public bool IsEnding
    {
        get => _isEnding;
        set => _isEnding = value;
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this, logging.CreateLogger($"Garnet.{categoryName}"));

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("Garnet logs where the product does.");

    /// <summary>Nothing: the product's log is not Garnet's to end.</summary>
    public void Dispose()
    {
    }

    private sealed class Logger(GarnetLog log, ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        // Below Error it tells of its own options and pages.
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error && !log.IsEnding && inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
