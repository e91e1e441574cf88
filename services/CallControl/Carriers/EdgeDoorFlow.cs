using System.Net;
using CloudPbx.CallControl.Links;
using CloudPbx.Contracts.Ids;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Carriers;

/// <summary>The way to an edge itself, for what it is asked and not told to forward.</summary>
internal sealed class EdgeDoorFlow(IEdgeSender edges, TenantId tenant, uint edge) : Flow
{
    /// <inheritdoc/>
    public override SipTransport Transport => SipTransport.Tcp;

    /// <inheritdoc/>
    public override IPEndPoint Remote { get; } = new(IPAddress.Any, 0);

    /// <inheritdoc/>
    public override IPEndPoint Local { get; } = new(IPAddress.Any, 0);

    /// <inheritdoc/>
    public override Via CreateVia(string branch) => new("TCP", InnerNames.WorkerVia(tenant.Value), null, branch);

    /// <inheritdoc/>
    public override bool TrySend(SipMessage message) => edges.TrySend(edge, orAny: false, message.ToThreadBytes());
}
