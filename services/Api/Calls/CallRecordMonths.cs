using CloudPbx.Data;

namespace CloudPbx.Api.Calls;

/// <summary>Sees to it that the database has room for the call records of the months to come.</summary>
internal sealed partial class CallRecordMonths(IDatabaseSchema schema, TimeProvider time, ILogger<CallRecordMonths> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(12), s_again = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                TimeSpan pause = s_interval;
                try
                {
                    if (await schema.ExtendAsync(stoppingToken) is > 0 and int made)
                        LogMade(made);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    // Nothing is lost: there are months ahead, and the default partition takes what has none of its own.
                    LogLater(fault.GetBaseException().Message);
                    pause = s_again;
                }
                await Task.Delay(pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // the process stops
        }
    }

    [LoggerMessage(LogLevel.Information, "Made room for the call records of {Count} months to come")]
    private partial void LogMade(int count);

    [LoggerMessage(LogLevel.Warning, "Room for the call records of the months to come is made later: {Fault}")]
    private partial void LogLater(string fault);
}
