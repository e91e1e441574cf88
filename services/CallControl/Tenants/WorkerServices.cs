using CloudPbx.CallControl.Accounting;
using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Carriers;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.News;
using CloudPbx.CallControl.Presence;
using CloudPbx.CallControl.Registrar;
using CloudPbx.CallControl.Telemetry;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Resolution;
using CloudPbx.Sip.Transactions;

namespace CloudPbx.CallControl.Tenants;

/// <summary>What all tenants of a worker share. Every part of it is thread-safe.</summary>
internal sealed record WorkerServices
{
    public required TimerWheel Wheel { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>How long what a call needs waits here.</summary>
    public required WorkerDelay Delay { get; init; }

    public required IEdgeSender Edges { get; init; }

    /// <summary>The media node's door for an activation's epoch: the node refuses commands of an owner that was replaced.</summary>
    public required Func<long, IMediaNode> Media { get; init; }

    public required MediaSessions Sessions { get; init; }

    public required IBindingCopy Bindings { get; init; }

    public required ICallSnapshots Snapshots { get; init; }

    /// <summary>What calls to the outside used today.</summary>
    public required IUsageCopy Usage { get; init; }

    /// <summary>What the next owners of tenants need of their subscriptions.</summary>
    public required ILampCopy Lamps { get; init; }

    /// <summary>What tenants' calls taught of their trunks.</summary>
    public required ITrunkNoteCopy TrunkNotes { get; init; }

    public required ILivePublisher Live { get; init; }

    public required ICallRecords Records { get; init; }

    /// <summary>What goes into tenants' event logs.</summary>
    public required IEventReports Events { get; init; }

    public required GuessGuard Guesses { get; init; }

    public required CallControlOptions Options { get; init; }

    public WorkerMetrics Metrics { get; init; } = new();

    public required ILoggerFactory Loggers { get; init; }

    /// <summary>Reads a tenant's configuration where it is newer than the version given; null where it is not, or cannot be read now.</summary>
    public Func<TenantId, long, Task<TenantConfiguration?>> Newer { get; init; } = static (_, _) => Task.FromResult<TenantConfiguration?>(null);

    /// <summary>Gives what makes nonces; edges and workers have the same.</summary>
    public required Func<DigestNonces> Nonces { get; init; }

    /// <summary>Finds carriers' servers.</summary>
    public required NextHopResolver NextHops { get; init; }

    /// <summary>Which of them did not answer lately.</summary>
    public required DownTargets Down { get; init; }

    /// <summary>What of shared trunks is in use.</summary>
    public SharedChannels SharedChannels { get; init; } = new();

    /// <summary>How the lines of registered shared trunks stand.</summary>
    public SharedLines SharedLines { get; init; } = new();

    public SipTokens Tokens { get; init; } = SipTokens.Secure;

    public SipTimers SipTimers { get; init; } = SipTimers.Default;
}
