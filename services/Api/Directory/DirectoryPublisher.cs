using System.Collections.Frozen;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.State;
using CloudPbx.State.Directory;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Directory;

/// <summary>Rebuilds the edges' directory from SQL at the start, after each change and every so often, one rebuilding at a time.</summary>
internal sealed partial class DirectoryPublisher(
    SchemaGate gate, DirectoryReader reader, DirectoryStore store, IDatabaseFaults faults, IOptions<ApiOptions> options, TimeProvider time, ILogger<DirectoryPublisher> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_gap = TimeSpan.FromMilliseconds(200);         // between two that nobody waits for: many changes are one

    private readonly SemaphoreSlim _one = new(1, 1);
    private TaskCompletionSource _asked = NewAsked();
    private long _last;
    private long _version;

    /// <summary>Reads the database and publishes, unless a rebuilding that began after this call did so already; gives up waiting after two seconds.</summary>
    public async Task RebuildAsync(CancellationToken cancel)
    {
        long asked = time.GetTimestamp();
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(s_patience);
        try
        {
            await _one.WaitAsync(patience.Token);
            try
            {
                if (Volatile.Read(ref _last) <= asked)
                    await TryPublishAsync(patience.Token);
            }
            finally
            {
                _one.Release();
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            LogLate();
        }
    }

    /// <summary>Has the directory be published in a moment, without anybody waiting for it.</summary>
    public void RebuildSoon() => Volatile.Read(ref _asked).TrySetResult();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _one.WaitAsync(stoppingToken);
                bool published;
                try
                {
                    Volatile.Write(ref _asked, NewAsked());        // who asks from here on may have changed what is read now
                    published = await TryPublishAsync(stoppingToken);
                }
                finally
                {
                    _one.Release();
                }
                await WaitAsync(published ? TimeSpan.FromSeconds(options.Value.DirectoryIntervalSeconds) : s_retry, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private static TaskCompletionSource NewAsked() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits for the next time, or until somebody asks.</summary>
    private async Task WaitAsync(TimeSpan next, CancellationToken stop)
    {
        using CancellationTokenSource early = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.Delay(s_gap, time, stop);
        await Task.WhenAny(Volatile.Read(ref _asked).Task, Task.Delay(next, time, early.Token));
        await early.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }

    private async Task<bool> TryPublishAsync(CancellationToken cancel)
    {
        long began = time.GetTimestamp();
        long version = _version = Math.Max(_version + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
        try
        {
            if (await gate.FindMismatchAsync(cancel) is { } mismatch)
            {
                LogNotPublished(mismatch);
                return false;
            }
            DirectoryRows rows = await reader.ReadAsync(cancel);
            DirectorySnapshot directory = new(version, rows.Domains, rows.Users, rows.DefaultTenant)
            {
                Carriers = [.. rows.Carriers],
                SharedLines = [.. rows.SharedLines],
                Sha256Tenants = rows.Sha256Tenants.ToFrozenSet(),
                Emergency = [.. rows.Emergency],
                Numbers = rows.Numbers.ToFrozenDictionary(StringComparer.Ordinal),
            };
            StoreOutcome outcome = await store.PublishAsync(directory, cancel);
            if (outcome == StoreOutcome.Away)
            {
                LogNotPublished("Redis is away.");
                return false;
            }
            Volatile.Write(ref _last, began);
            return true;                                                                // stale: another Api published a later reading
        }
        catch (Exception fault) when (faults.IsAway(fault))
        {
            LogNotPublished("The database is away.");
            return false;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFault(fault);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The directory is not published yet: {Reason}")]
    private partial void LogNotPublished(string reason);

    [LoggerMessage(LogLevel.Warning, "The publication of the directory goes on in the background")]
    private partial void LogLate();

    [LoggerMessage(LogLevel.Error, "The directory cannot be built")]
    private partial void LogFault(Exception fault);
}
