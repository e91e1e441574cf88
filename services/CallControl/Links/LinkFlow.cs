using System.Net;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Links;

/// <summary>Stands for the way a response came in: nothing is ever sent on it, the transaction that it belongs to has a flow of its own.</summary>
internal sealed class LinkFlow : Flow
{
    public static LinkFlow Instance { get; } = new();

    /// <inheritdoc/>
    public override SipTransport Transport => SipTransport.Tcp;

    /// <inheritdoc/>
    public override IPEndPoint Remote { get; } = new(IPAddress.Any, 0);

    /// <inheritdoc/>
    public override IPEndPoint Local { get; } = new(IPAddress.Any, 0);

    /// <inheritdoc/>
    public override bool TrySend(SipMessage message) => false;
}
