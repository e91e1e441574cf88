using System.Buffers.Binary;
using System.Threading.Channels;
using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;
using CloudPbx.State.Tenants;

namespace CloudPbx.CallControl.Tenants;

/// <summary>
/// Wakes tenants whose worker is gone: messages would, but the timers, calls and lines of a tenant that nobody speaks to must go on too. Each survivor takes its share,
/// at once when a worker was declared dead, and when it starts itself.
/// </summary>
internal sealed partial class TenantWaker(
    ActiveTenantStore active, OtherSilos others, ISiloStatusOracle silos, TenantHost host, IGrainFactory grains, IHostApplicationLifetime life, TimeProvider time,
    ILogger<TenantWaker> logger) : BackgroundService, ISiloStatusListener
{
    private const int AtOnce = 32;

    // Survivors do not learn of a death at the same moment: a tenant that each left to the other is found by the second look.
    private static readonly TimeSpan s_secondLook = TimeSpan.FromSeconds(3);

    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Orleans' news; returns at once.</summary>
    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Dead && !updatedSilo.Equals(silos.SiloAddress))
            Look();
    }

    /// <summary>Has active tenants that live nowhere looked for; returns at once.</summary>
    public void Look() => _asked.Writer.TryWrite(true);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration starting = life.ApplicationStarted.Register(started.SetResult);
        try
        {
            await started.Task.WaitAsync(stoppingToken);
            silos.SubscribeToSiloStatusEvents(this);
            Look();
            while (await _asked.Reader.WaitToReadAsync(stoppingToken))
            {
                _asked.Reader.TryRead(out _);
                await WakeAsync(stoppingToken);
                try
                {
                    await _asked.Reader.WaitToReadAsync(stoppingToken).AsTask().WaitAsync(s_secondLook, time, stoppingToken);
                }
                catch (TimeoutException)
                {
                    await WakeAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
        silos.UnSubscribeFromSiloStatusEvents(this);
    }

    private async Task WakeAsync(CancellationToken stop)
    {
        TenantId[] share = [.. (await active.ListAsync(stop) ?? []).Where(tenant => host.Find(tenant) is null && others.IsOurs(NumberOf(tenant)))];
        if (share.Length == 0)
            return;
        LogWaking(share.Length);
        await Parallel.ForEachAsync(share, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (tenant, _) =>
        {
            try
            {
                await grains.GetGrain<ITenantGrain>(tenant.ToString()).WakeAsync();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LogNotWoken(tenant.ToString(), e.Message);        // deleted meanwhile, or its database is away: its next message wakes it
            }
        });
    }

    // The random half of the UUIDv7: the same on every worker.
    private static uint NumberOf(TenantId tenant)
    {
        Span<byte> octets = stackalloc byte[16];
        tenant.Value.TryWriteBytes(octets, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(octets[12..]);
    }

    [LoggerMessage(LogLevel.Information, "Looking after {Count} tenants that may live nowhere")]
    private partial void LogWaking(int count);

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId} could not be woken: {Reason}")]
    private partial void LogNotWoken(string tenantId, string reason);
}
