using CloudPbx.Sip.Transactions;

namespace CloudPbx.Sip.UserAgents;

/// <summary>What decides about requests outside dialogs (the "UAS core" of RFC 3261 §8.2).</summary>
public interface IUserAgentCore
{
    /// <summary>
    /// A request outside a dialog came and passed the checks of RFC 3261 §8.2 (method, Request-URI scheme, Require). The core answers by
    /// <see cref="ServerTransaction.Respond(CloudPbx.Sip.Messages.SipResponse)"/>; an INVITE that it wants it takes by <see cref="UserAgentLayer.Take"/>, now or later.
    /// </summary>
    /// <param name="transaction">The request's transaction.</param>
    void OnRequest(ServerTransaction transaction);
}
