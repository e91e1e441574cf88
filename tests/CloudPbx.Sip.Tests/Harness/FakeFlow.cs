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

    /// <summary>Gets or sets whether the flow's owner is gone: what it still sends goes nowhere.</summary>
    public bool IsDead { get; set; }

    /// <summary>The same flow for its owner's successor.</summary>
    public FakeFlow Copy() => new(Transport, Local, Remote, send);

    public override bool TrySend(SipMessage message)
    {
        if (IsBroken)
            return false;
        if (IsDead)
            return true;
        send(message.ToBytes());
        return true;
    }
}
