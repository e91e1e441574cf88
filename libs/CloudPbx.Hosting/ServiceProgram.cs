using Microsoft.Extensions.Options;

namespace CloudPbx.Hosting;

/// <summary>What every service's <c>Program.cs</c> is run in: a fault that the operator can mend becomes one sentence and exit code 1, a fault of ours keeps its stack trace.</summary>
public static class ServiceProgram
{
    private const string WatchSettings = "DOTNET_hostBuilder__reloadConfigOnChange";

    /// <summary>Runs a service to its end.</summary>
    /// <param name="service">Its name, which begins the sentence.</param>
    /// <param name="run">Builds and runs it; what it returns is the exit code.</param>
    public static async Task<int> RunAsync(string service, Func<Task<int>> run)
    {
        // Settings are read once, at the start. Watching their folder would report each write of a spool or a recording below it.
        if (Environment.GetEnvironmentVariable(WatchSettings) is null)
            Environment.SetEnvironmentVariable(WatchSettings, "false");
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return 0;                                   // told to stop while it started
        }
        catch (Exception fault) when (Sentence(fault) is { } sentence)
        {
            await Console.Error.WriteLineAsync($"{service}: {sentence}").ConfigureAwait(false);
            return 1;
        }
    }

    /// <summary>The sentence for a start that failed, or <see langword="null"/> when the fault is not the operator's.</summary>
    /// <param name="fault">What stopped the start. Types of IO exceptions carry sentences: a taken port, a file that is missing.</param>
    public static string? Sentence(Exception fault) => fault switch
    {
        OptionsValidationException options => string.Join(" ", options.Failures),
        IOException io => io.Message,
        UnauthorizedAccessException denied => denied.Message,
        AggregateException { InnerExceptions: [var only] } => Sentence(only),
        InvalidOperationException { InnerException: FormatException } binder => binder.Message,         // a setting whose value is no number
        _ => null,
    };
}
