using System.Net;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Softphone;

/// <summary>A flow that tells what is sent by it.</summary>
internal sealed class TracingFlow(Flow inner, Action<SipMessage> sent) : Flow
{
    public override SipTransport Transport => inner.Transport;

    public override IPEndPoint Remote => inner.Remote;

    public override IPEndPoint Local => inner.Local;

    public override bool TrySend(SipMessage message)
    {
        sent(message);
        return inner.TrySend(message);
    }
}
