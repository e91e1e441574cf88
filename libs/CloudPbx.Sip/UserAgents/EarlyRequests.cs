using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;

namespace CloudPbx.Sip.UserAgents;

/// <summary>Answers requests of the peer other than BYE while an INVITE is not answered yet.</summary>
internal static class EarlyRequests
{
    /// <summary>Keep-alives get 200; an offer has to wait, because that of the INVITE is not answered (RFC 3311 §5.2).</summary>
    internal static void Answer(UserAgentLayer layer, ServerTransaction transaction, bool ourOfferIsOpen)
    {
        SipRequest request = transaction.Request;
        bool offers = request.Method == SipMethod.Invite || (request.Method == SipMethod.Update && !request.Body.IsEmpty);
        if (offers && ourOfferIsOpen)
        {
            transaction.Respond(491);
        }
        else if (offers)
        {
            transaction.Respond(layer.TryLater(request));
        }
        else
        {
            SipResponse response = SipResponse.For(request, 200);
            layer.AddCapabilities(response);
            transaction.Respond(response);
        }
    }
}
