using System.Net;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Registrar;

/// <summary>Sends OPTIONS to UDP phones behind NAT, so that calls still find the way in: some phones send nothing between refreshes.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class NatPings
{
    private readonly TenantRuntime _tenant;
    private readonly WorkerServices _worker;
    private readonly UserAgentLayer _agents;
    private readonly ITimers _timers;
    private TimerHandle _timer;

    public NatPings(TenantRuntime tenant, WorkerServices worker, UserAgentLayer agents, ITimers timers)
    {
        _tenant = tenant;
        _worker = worker;
        _agents = agents;
        _timers = timers;
    }

    /// <summary>Begins, if pings are wanted.</summary>
    public void Start()
    {
        if (_worker.Options.NatPingSeconds > 0)
            _timer = _timers.Schedule(TimeSpan.FromSeconds(_worker.Options.NatPingSeconds), static pings => ((NatPings)pings!).PingAll(), this);
    }

    /// <summary>Ends.</summary>
    public void Stop() => _timer.Cancel();

    private void PingAll()
    {
        foreach (Binding binding in _tenant.Registrar.All())
            if (binding.Transport == "udp" && IPEndPoint.TryParse(binding.RemoteAddress, out IPEndPoint? source)
                && SipUri.TryParse(binding.ContactUri, out SipUri? contact) && TenantRegistrar.IsBehindNat(contact, source)
                && EdgeFlow.Restore(_tenant.Edges, _tenant.Tenant, binding.FlowToken) is { } flow)
                Ping(contact.WithoutHeaders(), flow);
        Start();
    }

    // The answer does not matter, a 404 opens the NAT just as well; nobody waits for it.
    private void Ping(SipUri contact, EdgeFlow flow)
    {
        NameAddress from = new(new SipUri(SipScheme.Sip, null, _tenant.Domain, null));
        _ = _agents.SendAsync(_agents.CreateRequest(SipMethod.Options, contact, from, new NameAddress(contact)), flow);
    }
}
