using System.Collections.Concurrent;
using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Tenants;

/// <summary>Brings each message to its tenant's runtime. While a tenant is being started its messages wait here, in order.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class TenantPost(TenantHost host, ITenantLocator locator, WorkerIdentity self, TimeProvider time, ILogger<TenantPost> logger)
{
    // Phones that return after a restart send one or two messages each within the second that a start takes.
    private const int MaximumWaiting = 4096;

    private static readonly TimeSpan s_askAgain = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<TenantId, WaitingRoom> _rooms = new();

    /// <summary>Tells an edge which tenants live here: it refuses what their former owners may still say.</summary>
    public void Introduce(InnerLink link)
    {
        foreach (TenantRuntime runtime in host.All)
            link.TrySend(new MovedNotice(runtime.Tenant.Value, new WorkerAddress(self.Host, self.Port), runtime.Epoch).ToBytes());
    }

    /// <summary>Takes a message over; never waits.</summary>
    /// <param name="link">Where it came from: that edge is told where the tenant lives, if it is elsewhere.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="message">The message.</param>
    /// <param name="flow">The way it came in.</param>
    public void Deliver(InnerLink link, TenantId tenant, SipMessage message, Flow flow)
    {
        while (true)
        {
            if (host.Find(tenant) is { } runtime && runtime.Receive(message, flow))
                return;
            WaitingRoom room = _rooms.GetOrAdd(tenant, static _ => new WaitingRoom());
            lock (room)                                          // held for a list operation; one room per starting tenant
            {
                if (room.Closed)
                    continue;                                    // the tenant is there, or it failed, this very moment
                if (room.Messages.Count < MaximumWaiting)
                    room.Messages.Add((link, message, flow));
                if (room.Messages.Count == 1)
                    _ = Task.Run(() => LocateAsync(tenant, room));
                return;
            }
        }
    }

    private async Task LocateAsync(TenantId tenant, WaitingRoom room)
    {
        LocateAnswer? answer = await LocateAsync(tenant);
        TenantRuntime? runtime = host.Find(tenant);
        List<(InnerLink Link, SipMessage Message, Flow Flow)> waiting;
        lock (room)
        {
            room.Closed = true;
            _rooms.TryRemove(tenant, out _);
            waiting = room.Messages;
        }
        if (runtime is not null)
        {
            foreach ((InnerLink link, SipMessage message, Flow flow) in waiting)
            {
                if (runtime.Receive(message, flow))
                    continue;
                await Task.Delay(s_askAgain, time);               // it was located a moment before it began to leave
                Deliver(link, tenant, message, flow);
            }
        }
        else if (answer is not null && answer.WorkerId != self.Id)
        {
            byte[] moved = new MovedNotice(tenant.Value, new WorkerAddress(answer.Host, answer.Port), answer.Epoch).ToBytes();
            foreach (InnerLink link in waiting.Select(item => item.Link).Distinct())
                link.TrySend(moved);
            // The edge sends them on: on a connection a phone says most things once.
            foreach ((InnerLink link, SipMessage message, _) in waiting)
                Return(link, tenant, message);
        }
        else
        {
            // Unknown here, or nothing to configure it from: silence. A refusal would put phones off for good.
            LogDropped(waiting.Count, tenant.ToString());
        }
    }

    /// <summary>Asks until somebody knows. A tenant whose worker died is nowhere until the others have declared that worker dead.</summary>
    private async Task<LocateAnswer?> LocateAsync(TenantId tenant)
    {
        long began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await locator.LocateAsync(tenant);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                if (e is TenantUnavailableException || time.GetElapsedTime(began) > s_patience)
                {
                    LogNotLocated(tenant.ToString(), e.Message);
                    return null;
                }
                LogAskingAgain(tenant.ToString(), e.Message);
            }
            await Task.Delay(s_askAgain, time);
        }
    }

    /// <summary>Gives a message back to its edge as it came.</summary>
    private static void Return(InnerLink link, TenantId tenant, SipMessage message)
    {
        if (message is SipRequest)
            message.Headers.AddFirst(SipHeaderName.Route, $"<sip:{tenant}@{InnerNames.WorkerHost};lr>");
        link.TrySend(message);
    }

    private sealed class WaitingRoom
    {
        public List<(InnerLink Link, SipMessage Message, Flow Flow)> Messages { get; } = [];

        public bool Closed { get; set; }
    }

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId} could not be located: {Reason}")]
    private partial void LogNotLocated(string tenantId, string reason);

    [LoggerMessage(LogLevel.Debug, "Tenant {TenantId} could not be located yet: {Reason}")]
    private partial void LogAskingAgain(string tenantId, string reason);

    [LoggerMessage(LogLevel.Warning, "{Count} messages of tenant {TenantId} were dropped: it cannot be started here")]
    private partial void LogDropped(int count, string tenantId);
}
