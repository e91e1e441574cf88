using System.Threading.Channels;
using CloudPbx.State.Bans;

namespace CloudPbx.CallControl.Registrar;

/// <summary>Carries reports to Redis, and keeps this worker's table of bans like it. While Redis is away the table goes on with what this worker saw.</summary>
internal sealed partial class BanReporter(BanStore store, BanTable table, ILogger<BanReporter> logger) : BackgroundService, IBanReports
{
    private const int MaximumWaiting = 4096;

    // Under an attack from everywhere the latest are dropped: they will be reported again.
    private readonly Channel<(BanSubject Subject, TimeSpan? Registered)> _reports = Channel.CreateBounded<(BanSubject, TimeSpan?)>(
        new BoundedChannelOptions(MaximumWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <inheritdoc/>
    public void Ban(in BanSubject subject) => _reports.Writer.TryWrite((subject, null));

    /// <inheritdoc/>
    public void Registered(in BanSource source, TimeSpan life) => _reports.Writer.TryWrite((new BanSubject(source), life));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using IAsyncDisposable keeping = store.Keep(table);
        try
        {
            await foreach ((BanSubject subject, TimeSpan? registered) in _reports.Reader.ReadAllAsync(stoppingToken))
            {
                if (registered is { } life)
                    await store.MarkRegisteredAsync(subject.Source, life, stoppingToken);
                else if (await store.BanAsync(subject, stoppingToken) is { } until)
                    LogBanned(subject.Source.ToString(), subject.Tenant?.ToString() ?? "all", subject.Account ?? "all", until);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The worker stops.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Banned for guessing passwords: source {Source}, tenant {TenantId}, account {Account}, until {Until:u}")]
    private partial void LogBanned(string source, string tenantId, string account, DateTime until);
}
