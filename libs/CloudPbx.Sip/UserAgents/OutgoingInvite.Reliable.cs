using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>Reliable provisional responses of the callee (RFC 3262 §4): each is acknowledged by PRACK, in order, in its own early dialog (I4).</summary>
public sealed partial class OutgoingInvite
{
    private readonly Dictionary<string, EarlyDialog> _early = [];             // To tag → its early dialog
    private Action<EarlyOffer>? _earlyOffer;
    private ReliablePolicy _reliable;
    private bool _prackRefused;
    private bool _wasAuto;                               // before a 421 made it required
    private bool _offIsLearned;                          // and no 421 said otherwise yet

    /// <summary>Raised when the callee does not cope with reliable provisional responses (I1, I2). The call goes on; with <see cref="ReliablePolicy.Auto"/> also where it has to be sent again.</summary>
    public event Action<OutgoingInvite, ReliabilityRefusal>? ReliabilityRefused;

    /// <summary>Raised when the callee requires reliable provisional responses though <see cref="OutgoingInviteOptions.ReliableIsLearned"/> said that it does not cope with them. The call is sent again with them.</summary>
    public event Action<OutgoingInvite>? ReliabilityRequired;

    /// <summary>Gets or sets who answers offers that the callee makes by UPDATE in an early dialog; without it they get 488.</summary>
    public Action<IncomingReinvite>? OfferReceived { get; set; }

    /// <summary>Sends UPDATE in an early dialog (RFC 3311 §5.1); an offer only after ours in the INVITE was answered reliably.</summary>
    /// <param name="toTag">The early dialog: the To tag of a provisional response.</param>
    /// <param name="offer">The offer; <see langword="null"/> to refresh.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns>The final response; one made here with 491 while an offer is open, with 481 where there is no such dialog. Never fails.</returns>
    public Task<SipResponse> UpdateAsync(string toTag, MessageBody? offer, IReadOnlyList<HeaderField>? headers = null) =>
        IsPending && _forks.Find(toTag) is { } dialog
            ? EarlyOf(dialog).UpdateAsync(offer, headers)
            : Task.FromResult(SipResponse.For(Request, 481));

    private EarlyDialog EarlyOf(Dialog dialog)
    {
        if (!_early.TryGetValue(dialog.Id.RemoteTag, out EarlyDialog? early))
        {
            early = new EarlyDialog(_layer, dialog, Flow, _authentication, HasOffer ? OfferState.FirstSent : OfferState.None) { OfferReceived = AnswerOffer };
            _early[dialog.Id.RemoteTag] = early;
        }
        return early;
    }

    private void AnswerOffer(IncomingReinvite offer)
    {
        if (OfferReceived is { } receiver)
            receiver(offer);
        else
            offer.Reject(488);
    }

    /// <summary>Acknowledges a provisional response that wants it.</summary>
    /// <returns>Whether it is to be looked at; not where it was before, or comes before its turn (§4).</returns>
    private bool TakeReliable(SipResponse response, Dialog? dialog)
    {
        if (_reliable == ReliablePolicy.Off || dialog is null || !response.Requires(UserAgentOptions.Reliable) || response.RSeq is not { } number)
            return true;
        EarlyDialog early = EarlyOf(dialog);
        if (early.RSeq is { } last && number != last + 1)
            return false;
        early.RSeq = number;
        if (MessageBody.Of(response) is not { IsSdp: true } || early.TryStep(OfferInput.ReceiveAnswer) || !early.TryStep(OfferInput.ReceiveOffer))
        {
            Acknowledge(early, number, null);
            return true;
        }
        _earlyOffer?.Invoke(new EarlyOffer(response, answer =>
        {
            if (IsPending && early.TryStep(OfferInput.SendAnswer))
                Acknowledge(early, number, answer);
        }));
        return true;
    }

    private void Acknowledge(EarlyDialog early, uint number, MessageBody? answer)
    {
        if (_prackRefused)
            return;                                      // it would be refused again
        SipRequest prack = early.Dialog.CreateRequest(SipMethod.Prack);
        prack.Headers.Add(SipHeaderName.RAck, new RAck(number, Request.CSeq).ToString());
        _layer.AddCapabilities(prack);
        UserAgentLayer.SetBody(prack, answer);
        _ = early.Attempts(OnPrackAnswered).SendAsync(prack);    // never fails
    }

    /// <summary>I1, I2: a refused PRACK is not the end of the call, the 200 is taken all the same.</summary>
    private void OnPrackAnswered(SipResponse response)
    {
        if (response.IsSuccess || !IsPending || _cancelWanted || _prackRefused)
            return;
        _prackRefused = true;
        ReliabilityRefused?.Invoke(this, new ReliabilityRefusal(SipMethod.Prack, response.StatusCode, response.ReasonPhrase));
    }

    /// <summary>Whether the INVITE is worth another attempt that says something else about reliable provisional responses.</summary>
    private bool TryOtherReliability(SipResponse failure)
    {
        if (_cancelWanted || _attempts >= MaximumAttempts)
            return false;
        bool isAuto = _reliable == ReliablePolicy.Auto;
        if (failure.StatusCode == 421 && failure.Requires(UserAgentOptions.Reliable) && isAuto | _offIsLearned | _reliable == ReliablePolicy.Supported)
        {
            if (_offIsLearned)
                ReliabilityRequired?.Invoke(this);
            SendAgain(ReliablePolicy.Required, isAuto | _offIsLearned);
            _offIsLearned = false;                       // once: who refuses both is not to be had
            return true;
        }
        bool refusesTag = failure.StatusCode == 420 && failure.HasToken(SipHeaderName.Unsupported, UserAgentOptions.Reliable);
        if (!refusesTag && !(_prackRefused && IsForWantOfPrack(failure.StatusCode)))
            return false;
        if (refusesTag)
            ReliabilityRefused?.Invoke(this, new ReliabilityRefusal(SipMethod.Invite, failure.StatusCode, failure.ReasonPhrase));
        if (!isAuto && !_wasAuto)
            return false;
        SendAgain(ReliablePolicy.Off, isAuto: false);
        return true;
    }

    // The carrier refused our PRACK and then failed the call because it had none (RFC 3262 §3 says 5xx). A busy callee is busy also without it.
    private static bool IsForWantOfPrack(int status) => status is >= 500 and < 600 or 405 or 408 or 420 or 481;

    private void SendAgain(ReliablePolicy policy, bool isAuto)
    {
        SipRequest again = RequestAttempts.Again(Request, Request.CSeq.Number + 1);
        foreach (SipHeaderName name in (SipHeaderName[])[SipHeaderName.Allow, SipHeaderName.Supported, SipHeaderName.Require, SipHeaderName.UserAgent])
            again.Headers.Remove(name);
        _layer.AddCapabilities(again, policy, _timer != SessionTimerPolicy.Off);
        RequireTimer(again);
        _reliable = policy;
        _wasAuto |= isAuto;
        _prackRefused = false;
        foreach (EarlyDialog early in _early.Values)
            early.Close();
        _early.Clear();
        _forks = new DialogSet();
        Request = again;
        Send();
    }
}
