using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Links;

/// <summary>Sees what is sent on a flow. It looks, keeps no message, and must not throw.</summary>
internal interface IMessageWitness
{
    /// <summary>A message was sent, perhaps once more.</summary>
    /// <param name="message">The message; it may be changed by its owner after the call.</param>
    /// <param name="taken">Whether the flow took it.</param>
    void Sent(SipMessage message, bool taken);
}
