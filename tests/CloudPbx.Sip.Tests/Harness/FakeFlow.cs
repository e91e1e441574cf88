using System.Net;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Tests.Harness;

/// <summary>A flow without network: what is sent goes to a delegate as octets, so that a later change of the message does not show.</summary>
internal sealed class FakeFlow(SipTransport transport, IPEndPoint local, IPEndPoint remote, Action<byte[]> send) : Flow
{
    public override SipTransport Transport { get; } = transport;

    public override IPEndPoint Remote { get; } = remote;

    public override IPEndPoint Local { get; } = local;

    /// <summary>Gets or sets whether the flow refuses everything.</summary>
    public bool IsBroken { get; set; }

    public override bool TrySend(SipMessage message)
    {
        if (IsBroken)
            return false;
        send(message.ToBytes());
        return true;
    }
}
