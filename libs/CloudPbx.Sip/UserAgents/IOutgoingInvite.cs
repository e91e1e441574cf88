using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;

namespace CloudPbx.Sip.UserAgents;

/// <summary>Whom the layer knows by Call-ID and our tag: an INVITE under way, or what is left of one.</summary>
internal interface IOutgoingInvite
{
    /// <summary>A request of the callee in a dialog that no 2xx confirmed.</summary>
    void OnRequest(ServerTransaction transaction);

    /// <summary>A 2xx that belongs to no dialog that is known.</summary>
    void OnAnswer(SipResponse response);
}
