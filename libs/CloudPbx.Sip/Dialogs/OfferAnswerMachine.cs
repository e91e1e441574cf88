using static CloudPbx.Sip.Dialogs.OfferInput;
using static CloudPbx.Sip.Dialogs.OfferState;

namespace CloudPbx.Sip.Dialogs;

/// <summary>Offer and answer in one dialog (RFC 3264 §4, RFC 6337 §2): one offer is open at a time, and what was agreed on stays when a later one is refused.</summary>
internal static class OfferAnswerMachine
{
    /// <summary>The state after an input; <see langword="null"/> where the rules do not allow it now.</summary>
    internal static OfferState? Step(OfferState state, OfferInput input) =>
        (state, input) switch
        {
            (None, SendOffer)             => FirstSent,
            (None, ReceiveOffer)          => FirstReceived,
            (FirstSent, ReceiveAnswer)    => Agreed,
            (FirstSent, Refuse)           => None,
            (FirstReceived, SendAnswer)   => Agreed,
            (FirstReceived, Refuse)       => None,
            (Agreed, SendOffer)           => Sent,
            (Agreed, ReceiveOffer)        => Received,
            (Sent, ReceiveAnswer)         => Agreed,
            (Sent, Refuse)                => Agreed,
            (Received, SendAnswer)        => Agreed,
            (Received, Refuse)            => Agreed,
            _                             => null,
        };

    /// <summary>What an offer of the peer in UPDATE or PRACK is answered with when it comes at the wrong time (RFC 3261 §13.2.1, §14.2, RFC 3311 §5.2).</summary>
    /// <returns>
    /// 491 while our own offer is open, 500 while theirs is, 0 when it is welcome. Before there is a session (the INVITE had no offer, and none was answered) 500 too: the first
    /// offer is the business of the INVITE, its reliable responses and its 2xx (RFC 3311 §5.1).
    /// </returns>
    internal static int RefusalOf(OfferState state) => state switch
    {
        FirstSent or Sent => 491,
        Agreed => 0,
        _ => 500,
    };
}

/// <summary>What can happen to offer and answer.</summary>
internal enum OfferInput
{
    SendOffer,
    ReceiveOffer,
    SendAnswer,
    ReceiveAnswer,
    Refuse,
}
