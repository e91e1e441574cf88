using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;

namespace CloudPbx.Sip.UserAgents;

/// <summary>The peer's requests in the dialog.</summary>
public sealed partial class InviteDialog
{
    private IncomingReinvite? _incoming;
    private IncomingReinvite? _unseen;                   // came before there was a handler

    void IDialogUser.OnRequest(ServerTransaction transaction)
    {
        SipRequest request = transaction.Request;
        if (IsEnded)
        {
            transaction.Respond(request.Method == SipMethod.Bye ? 200 : 481);    // BYEs that cross
            return;
        }
        if (Admit is not null && !Admit(transaction))
            return;
        if (!_dialog.TryAdvance(request))
        {
            transaction.Respond(_layer.TryLater(request));                       // §12.2.2: 500 for a lower CSeq
            return;
        }
        if (request.Method == SipMethod.Bye)
        {
            transaction.Respond(200);
            End(DialogEndCause.RemoteBye, request);
        }
        else if (request.Method == SipMethod.Invite || request.Method == SipMethod.Update)
        {
            if (SessionTimer.IsTooShort(request))
                transaction.Respond(_layer.IntervalTooSmall(request));           // RFC 4028 §9
            else if (request.Method == SipMethod.Invite)
                OnReinvite(transaction);
            else
                OnUpdate(transaction);
        }
        else if (request.Method == SipMethod.Prack)
        {
            Respond(transaction, request.Body.IsEmpty ? 200 : 488);              // of a provisional response that our 2xx overtook (RFC 3262 §3)
        }
        else if (RequestReceived is null || !RequestReceived(transaction))
        {
            Respond(transaction, request.Method == SipMethod.Refer ? 603 : request.Method == SipMethod.Notify ? 481 : 200);     // RFC 6665 §4.1.3: nobody subscribed to anything
        }
        if (!IsEnded)
            RaiseChanged();
    }

    /// <summary>Answers in the dialog, with Contact and what we accept.</summary>
    private SipResponse CreateResponse(SipRequest request, int statusCode, string? reasonPhrase = null)
    {
        SipResponse response = SipResponse.For(request, statusCode, reasonPhrase);
        if (response.IsSuccess && (request.Method == SipMethod.Invite || request.Method == SipMethod.Update))
        {
            response.Headers.Add(SipHeaderName.Contact, State.LocalContact);
            AgreedWithPeer(AddSessionTimer(response, request, State.SessionTimer, asks: null));
        }
        _layer.AddCapabilities(response);
        return response;
    }

    SipResponse IOfferOwner.CreateResponse(SipRequest request, int statusCode, string? reasonPhrase) => CreateResponse(request, statusCode, reasonPhrase);

    void IOfferOwner.RefreshTarget(SipRequest request) => _dialog.RefreshTarget(request);

    void IOfferOwner.OnIncomingDone(IncomingReinvite reinvite, bool isAccepted)
    {
        if (ReferenceEquals(_incoming, reinvite))
            _incoming = null;
    }

    private void Respond(ServerTransaction transaction, int statusCode) => transaction.Respond(CreateResponse(transaction.Request, statusCode));

    /// <summary>Gets whether an offer of ours is open (RFC 6337 §2.2): the peer's is glare then.</summary>
    private bool OffersOurselves => (_change is not null && _changeOffers) || _answer is { Offers: true } || _ackWanted is not null;

    private void OnReinvite(ServerTransaction transaction)
    {
        if (_incoming is not null)
        {
            transaction.Respond(_layer.TryLater(transaction.Request));           // §14.2: 500 while the one before has no final response
            return;
        }
        if (OffersOurselves)
        {
            Respond(transaction, 491);                                           // glare: an offer of ours is open
            return;
        }
        StopAnswer(null);                                                        // a peer that goes on has seen our 2xx: its ACK was lost
        Offer(transaction);
    }

    private void OnUpdate(ServerTransaction transaction)
    {
        SipRequest request = transaction.Request;
        if (request.Body.IsEmpty)
        {
            _dialog.RefreshTarget(request);
            Respond(transaction, 200);
        }
        else if (_incoming is not null)
        {
            transaction.Respond(_layer.TryLater(request));                       // RFC 3311 §5.2
        }
        else if (OffersOurselves)
        {
            Respond(transaction, 491);
        }
        else
        {
            Offer(transaction);
        }
    }

    private void Offer(ServerTransaction transaction)
    {
        _incoming = new IncomingReinvite(this, transaction);
        if (_reinviteReceived is not null)
        {
            _reinviteReceived(_incoming);
            return;
        }
        // The owner learns of the answer by a queued continuation: a peer that is quicker waits for it.
        _unseen = _incoming;
        _layer.Timers.Schedule(_layer.SipTimers.T1, static me => ((InviteDialog)me!).ShowUnseen(), this);
    }

    private void ShowUnseen()
    {
        if (_unseen is not { } reinvite)
            return;
        _unseen = null;
        if (!reinvite.IsPending)
            return;
        if (_reinviteReceived is not null)
            _reinviteReceived(reinvite);
        else
            reinvite.Reject(488);
    }
}
