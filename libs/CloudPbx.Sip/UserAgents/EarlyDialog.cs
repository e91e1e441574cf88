using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>A dialog before its INVITE is answered, at either end: offer and answer in it, UPDATE both ways (RFC 3311), keep-alives.</summary>
/// <param name="layer">The layer.</param>
/// <param name="dialog">The dialog.</param>
/// <param name="flow">The flow to the peer.</param>
/// <param name="authentication">What answers challenges, or nothing.</param>
/// <param name="offers">Where offer and answer stand when it begins.</param>
internal sealed class EarlyDialog(UserAgentLayer layer, Dialog dialog, Flow flow, DigestClient? authentication, OfferState offers) : IOfferOwner
{
    private IncomingReinvite? _incoming;

    /// <summary>Gets the dialog.</summary>
    public Dialog Dialog => dialog;

    /// <summary>Gets where offer and answer stand.</summary>
    public OfferState Offers { get; private set; } = offers;

    /// <summary>Gets or sets the RSeq of the last reliable response that was taken from the peer.</summary>
    public uint? RSeq { get; set; }

    /// <summary>Gets or sets who answers the peer's offers; without it they get 488.</summary>
    public Action<IncomingReinvite>? OfferReceived { get; set; }

    /// <summary>Gets a task that completes when the peer's offer is answered; <see langword="null"/> if none is open.</summary>
    public Task? Busy => _incoming?.Done;

    /// <summary>Something was offered, answered or refused.</summary>
    /// <returns>Whether the rules allow it now; otherwise nothing changed.</returns>
    public bool TryStep(OfferInput input)
    {
        if (OfferAnswerMachine.Step(Offers, input) is not { } next)
            return false;
        Offers = next;
        return true;
    }

    /// <summary>Answers a request of the peer other than BYE and PRACK.</summary>
    public void Answer(ServerTransaction transaction)
    {
        SipRequest request = transaction.Request;
        if (request.Method == SipMethod.Invite)
            RefuseOffer(transaction, OfferAnswerMachine.RefusalOf(Offers) is 491 ? 491 : 500);    // §14.2: the first one has no final response
        else if (request.Method == SipMethod.Update && !request.Body.IsEmpty)
            Offer(transaction);
        else
            Accept(transaction);
    }

    /// <summary>Takes an offer of the peer, in UPDATE or PRACK.</summary>
    public void Offer(ServerTransaction transaction)
    {
        int refusal = OfferAnswerMachine.RefusalOf(Offers);
        if (refusal != 0)
        {
            RefuseOffer(transaction, refusal);                                       // RFC 3311 §5.2
        }
        else if (OfferReceived is null)
        {
            transaction.Respond(CreateResponse(transaction.Request, 488));
        }
        else
        {
            TryStep(OfferInput.ReceiveOffer);
            _incoming = new IncomingReinvite(this, transaction);
            OfferReceived(_incoming);
        }
    }

    /// <summary>Agrees to a request that changes no session.</summary>
    public void Accept(ServerTransaction transaction)
    {
        RefreshTarget(transaction.Request);
        transaction.Respond(CreateResponse(transaction.Request, 200));
    }

    /// <summary>Sends UPDATE (RFC 3311 §5.1); an offer only while none is open.</summary>
    /// <returns>The final response; one made here with 491 if an offer is open. Never fails.</returns>
    public async Task<SipResponse> UpdateAsync(MessageBody? offer, IReadOnlyList<HeaderField>? headers)
    {
        SipRequest update = dialog.CreateRequest(SipMethod.Update);
        layer.AddCapabilities(update);
        UserAgentLayer.AddHeaders(update, headers);
        UserAgentLayer.SetBody(update, offer);
        if (offer is not null && (Offers != OfferState.Agreed || !TryStep(OfferInput.SendOffer)))
            return SipResponse.For(update, 491);
        return await Attempts(response =>
        {
            if (response.IsSuccess)
                dialog.RefreshTarget(response);
            if (offer is not null)
                TryStep(response.IsSuccess ? OfferInput.ReceiveAnswer : OfferInput.Refuse);
        }).SendAsync(update);
    }

    /// <summary>Sends a request of ours.</summary>
    public RequestAttempts Attempts(Action<SipResponse> onFinal) =>
        new(layer.Transactions, () => flow, authentication, _ => dialog.NextCSeq(), onFinal);

    /// <summary>The INVITE has its final response: an offer that nobody answered yet is refused.</summary>
    public void Close() => _incoming?.Withdraw(500);

    /// <inheritdoc/>
    public SipResponse CreateResponse(SipRequest request, int statusCode, string? reasonPhrase = null)
    {
        SipResponse response = statusCode == 500 ? layer.TryLater(request) : SipResponse.For(request, statusCode, reasonPhrase);
        if (response.IsSuccess && request.Method == SipMethod.Update)
            response.Headers.Add(SipHeaderName.Contact, dialog.State.LocalContact);
        layer.AddCapabilities(response);
        return response;
    }

    /// <inheritdoc/>
    public void RefreshTarget(SipRequest request) => dialog.RefreshTarget(request);

    /// <inheritdoc/>
    public void OnIncomingDone(IncomingReinvite reinvite, bool isAccepted)
    {
        _incoming = null;
        TryStep(isAccepted ? OfferInput.SendAnswer : OfferInput.Refuse);
    }

    void IOfferOwner.StartAnswer(ServerTransaction transaction, SipResponse response, bool offersInAnswer, TaskCompletionSource<SipRequest?> confirmed, bool isFirst) =>
        throw new InvalidOperationException("An early dialog takes no re-INVITE.");

    private void RefuseOffer(ServerTransaction transaction, int statusCode) => transaction.Respond(CreateResponse(transaction.Request, statusCode));
}
