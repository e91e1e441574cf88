using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>Who receives the messages of one dialog from the <see cref="UserAgentLayer"/>.</summary>
internal interface IDialogUser
{
    /// <summary>A request in the dialog, its method and Require checked.</summary>
    void OnRequest(ServerTransaction transaction);

    /// <summary>An ACK of a 2xx.</summary>
    void OnAck(SipRequest ack);

    /// <summary>A 2xx to an INVITE whose transaction has ended.</summary>
    void OnLateAnswer(SipResponse response, Flow flow);
}
