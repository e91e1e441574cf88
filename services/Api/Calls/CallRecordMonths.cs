using CloudPbx.Data;

namespace CloudPbx.Api.Calls;

/// <summary>Sees to it that the database has room for the call records of the months to come.</summary>
internal sealed partial class CallRecordMonths(IDatabaseSchema schema, TimeProvider time, ILogger<CallRecordMonths> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(12);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_interval, time);
        try
        {
            do
            {
                try
                {
                    if (await schema.ExtendAsync(stoppingToken) is > 0 and int made)
                        LogMade(made);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    // Nothing is lost: the default partition takes what has no month of its own.
                    LogLater(fault.GetBaseException().Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // the process stops
        }
    }

    [LoggerMessage(LogLevel.Information, "Made room for the call records of {Count} months to come")]
    private partial void LogMade(int count);

    [LoggerMessage(LogLevel.Information, "Room for the call records of the months to come is made later: {Fault}")]
    private partial void LogLater(string fault);
}
