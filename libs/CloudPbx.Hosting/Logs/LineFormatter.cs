using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace CloudPbx.Hosting;

/// <summary>Log lines for people: one line for each entry, at its end the tenant and call of its scope, a fault's stack indented below. Control characters are escaped.</summary>
internal sealed class LineFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    private const string StackIndent = "      ";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var line = new StringBuilder(256)
            .Append(time.GetLocalNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture))
            .Append(' ').Append(LevelName(logEntry.LogLevel)).Append(": ").Append(logEntry.Category).Append(": ");
        LogText.Append(line, message);
        scopeProvider?.ForEachScope(
            static (scope, line) =>
            {
                if (!NamesCall(scope))
                    return;
                line.Append(" [");
                LogText.Append(line, scope?.ToString());
                line.Append(']');
            },
            line);
        line.AppendLine();
        if (logEntry.Exception is { } fault)
        {
            foreach (string part in fault.ToString().Split(Environment.NewLine))
            {
                line.Append(StackIndent);            // what a stranger put into a message cannot look like an entry of its own
                LogText.Append(line, part);
                line.AppendLine();
            }
        }
        textWriter.Write(line);
    }

    // The frameworks' own (connections, requests, activities) are for machines.
    private static bool NamesCall(object? scope) =>
        scope is IEnumerable<KeyValuePair<string, object?>> values && values.Any(value => value.Key is "TenantId" or "CallId");

    private static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
