using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;

namespace CloudPbx.Sip.UserAgents;

/// <summary>The early or confirmed dialog in which the peer offers something (<see cref="IncomingReinvite"/>).</summary>
internal interface IOfferOwner
{
    /// <summary>Makes a response to a request in the dialog.</summary>
    SipResponse CreateResponse(SipRequest request, int statusCode, string? reasonPhrase = null);

    /// <summary>Takes the remote target of a target refresh request.</summary>
    void RefreshTarget(SipRequest request);

    /// <summary>The offer was answered, or refused.</summary>
    void OnIncomingDone(IncomingReinvite reinvite, bool isAccepted);

    /// <summary>Sends the 2xx of a re-INVITE, until its ACK comes.</summary>
    void StartAnswer(ServerTransaction transaction, SipResponse response, bool offersInAnswer, TaskCompletionSource<SipRequest?> confirmed, bool isFirst);
}
