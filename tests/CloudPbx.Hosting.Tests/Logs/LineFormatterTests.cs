using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Hosting.Tests.Logs;

/// <summary>What a stranger sent stays inside its entry (SECURITY.md S22).</summary>
public sealed class LineFormatterTests
{
    private readonly LineFormatter _formatter = new(new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 34, 56, 789, TimeSpan.Zero)));
    private readonly LoggerExternalScopeProvider _scopes = new();

    [Theory]
    [InlineData("plain, \u00e9, \u4e2d\u6587 stay", "plain, \u00e9, \u4e2d\u6587 stay")]
    [InlineData("a\r\n12:00:00.000 fail: forged", "a\\r\\n12:00:00.000 fail: forged")]
    [InlineData("\u001b[2Jcleared\u0007", "\\u001b[2Jcleared\\u0007")]
    [InlineData("\u009b31mred\u007f", "\\u009b31mred\\u007f")]
    [InlineData("line\u2028separator and \u202eturned", "line\\u2028separator and \\u202eturned")]
    [InlineData("tab\there", "tab\\there")]
    public void Control_characters_are_escaped(string message, string written) =>
        Assert.Equal($"12:34:56.789 warn: Some.Category: {written}{Environment.NewLine}", Write(message));

    [Fact]
    public void Tenant_and_call_of_the_scope_follow_the_message_and_the_frameworks_scopes_do_not()
    {
        Func<ILogger, string, string, IDisposable?> scope = LoggerMessage.DefineScope<string, string>("tenant {TenantId} call {CallId}");
        var logger = new ScopedLogger(_scopes);
        using (_scopes.Push("a request's"))
        using (scope(logger, "1", "2\n"))
            Assert.Equal($"12:34:56.789 warn: Some.Category: text [tenant 1 call 2\\n]{Environment.NewLine}", Write("text"));
    }

    [Fact]
    public void Every_line_of_a_fault_is_indented()
    {
        string[] lines = Write("text", new InvalidOperationException("first\n12:00:00.000 fail: forged")).TrimEnd().Split(Environment.NewLine);
        Assert.True(lines.Length >= 2);
        Assert.All(lines[1..], line => Assert.StartsWith("      ", line, StringComparison.Ordinal));
    }

    private string Write(string message, Exception? fault = null)
    {
        using var writer = new StringWriter();
        _formatter.Write(new LogEntry<string>(LogLevel.Warning, "Some.Category", default, message, fault, (state, _) => state), _scopes, writer);
        return writer.ToString();
    }

    private sealed class ScopedLogger(LoggerExternalScopeProvider scopes) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => false;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }
    }
}
