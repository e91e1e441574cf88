using System.Collections.Concurrent;
using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Tenants;

/// <summary>Brings each message to its tenant's runtime. While a tenant is being started its messages wait here, in order.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class TenantPost(TenantHost host, ITenantLocator locator, WorkerIdentity self, ILogger<TenantPost> logger)
{
    // Phones that return after a restart send one or two messages each within the second that a start takes.
    private const int MaximumWaiting = 4096;

    private readonly ConcurrentDictionary<TenantId, WaitingRoom> _rooms = new();

    /// <summary>Takes a message over; never waits.</summary>
    /// <param name="link">Where it came from: that edge is told where the tenant lives, if it is elsewhere.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="message">The message.</param>
    /// <param name="flow">The way it came in.</param>
    public void Deliver(InnerLink link, TenantId tenant, SipMessage message, Flow flow)
    {
        while (true)
        {
            if (host.Find(tenant) is { } runtime)
            {
                runtime.Receive(message, flow);
                return;
            }
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
        LocateAnswer? answer = null;
        try
        {
            answer = await locator.LocateAsync(tenant);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogNotLocated(tenant.ToString(), e.Message);
        }
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
            foreach ((_, SipMessage message, Flow flow) in waiting)
                runtime.Receive(message, flow);
        }
        else if (answer is not null && answer.WorkerId != self.Id)
        {
            // The edge holds or repeats what it must; a message answered by two workers would be worse than one that is sent again.
            byte[] moved = new MovedNotice(tenant.Value, new WorkerAddress(answer.Host, answer.Port)).ToBytes();
            foreach (InnerLink link in waiting.Select(item => item.Link).Distinct())
                link.TrySend(moved);
        }
        else
        {
            // Unknown here, or nothing to configure it from: silence. A refusal would put phones off for good.
            LogDropped(waiting.Count, tenant.ToString());
        }
    }

    private sealed class WaitingRoom
    {
        public List<(InnerLink Link, SipMessage Message, Flow Flow)> Messages { get; } = [];

        public bool Closed { get; set; }
    }

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId} could not be located: {Reason}")]
    private partial void LogNotLocated(string tenantId, string reason);

    [LoggerMessage(LogLevel.Warning, "{Count} messages of tenant {TenantId} were dropped: it cannot be started here")]
    private partial void LogDropped(int count, string tenantId);
}
