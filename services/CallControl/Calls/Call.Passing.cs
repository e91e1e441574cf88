using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>What the parties say to each other beside the session: INFO and MESSAGE go from leg to leg.</summary>
internal sealed partial class Call
{
    private const int MaximumPassing = 16;                        // at once, in one call: a party that floods the other waits

    private static readonly TimeSpan s_sameKey = TimeSpan.FromMilliseconds(200);       // I54: one key, told by RTP and by INFO

    private readonly Dictionary<int, (char Digit, DateTime At)> _keys = [];
    private readonly Queue<(InviteDialog Carrier, MessageBody Key)> _untold = [];
    private int _passing;

    /// <summary>Whether the party has pressed this key a moment ago: then it is told the second time.</summary>
    private bool IsToldAgain(int leg, char digit, bool byInfo)
    {
        bool again = _keys.TryGetValue(leg, out (char Digit, DateTime At) last) && last.Digit == digit && _lastByInfo != byInfo && Now - last.At < s_sameKey;
        (_keys[leg], _lastByInfo) = ((digit, Now), byInfo);
        return again;
    }

    private bool _lastByInfo;

    /// <summary>Takes a REFER, and passes an INFO (RFC 6086) or MESSAGE (RFC 3428) with a body on to the other party. Without one it is a keep-alive, and the dialog answers 200 by itself, as it does in the echo test. Where we are the other party, a key in an INFO is a key; where a carrier is, it gets the key in its profile's form.</summary>
    /// <returns>Whether the request was taken.</returns>
    private bool TryPassOn(CallLeg leg, ServerTransaction transaction)
    {
        if (transaction.Method == SipMethod.Refer)
        {
            AnswerRefer(leg, transaction);
            return true;
        }
        bool passes = transaction.Method == SipMethod.Info || transaction.Method == SipMethod.Message;
        if (transaction.Method == SipMethod.Info && Partner(leg) is null && MessageBody.Of(transaction.Request) is { } info && InfoDigit.Of(info) is { } key)
        {
            _tenant.Respond(transaction, 200);
            DigitReceived(leg.Number, key, byInfo: true);
            return true;
        }
        if (!passes || MessageBody.Of(transaction.Request) is not { } body || Partner(leg) is not { Dialog: { IsEnded: false } other } partner)
            return false;
        if (transaction.Method == SipMethod.Info && partner.Carrier is { } carrier && InfoDigit.Of(body) is { } pressed)
        {
            if (IsToldAgain(leg.Number, pressed, byInfo: true))
            {
                _tenant.Respond(transaction, 200);                // the carrier has it already
                return true;
            }
            if (carrier.Trunk.Profile.Dtmf != TrunkDtmf.Info)
            {
                _tenant.Respond(transaction, 200);
                _ = Media.SendDigitsAsync(partner.Media, pressed.ToString(), _over.Token);       // in the form that this carrier takes
                return true;
            }
        }
        if (_passing >= MaximumPassing)
            _tenant.Respond(transaction, 500, null, (SipHeaderName.RetryAfter, "1"));
        else
            _tenant.Scheduler.Start(() => PassOnAsync(transaction, body, other));
        return true;
    }

    /// <summary>Tells a carrier that takes keys by INFO alone of one that the other party pressed; one after the other, in their order.</summary>
    private void TellCarrierKey(int number, char digit, int milliseconds)
    {
        if (_legs.Find(leg => leg.Number == number) is not { } by || Partner(by) is not { Carrier.Trunk.Profile.Dtmf: TrunkDtmf.Info, Dialog.IsEnded: false } carrier || _untold.Count >= MaximumPassing)
            return;
        _untold.Enqueue((carrier.Dialog, InfoDigit.Write(digit, milliseconds)));
        if (_untold.Count == 1)
            _tenant.Scheduler.Start(TellKeysAsync);
    }

    private async Task TellKeysAsync()
    {
        _passing++;
        try
        {
            while (_untold.TryPeek(out (InviteDialog Carrier, MessageBody Key) next))
            {
                await next.Carrier.SendAsync(SipMethod.Info, next.Key);      // never fails; a carrier that refuses has no other form
                _untold.Dequeue();
            }
        }
        finally
        {
            _passing--;
        }
    }

    private async Task PassOnAsync(ServerTransaction transaction, MessageBody body, InviteDialog other)
    {
        _passing++;
        try
        {
            string? package = transaction.Request.Headers.Get("Info-Package");
            SipResponse answer = await other.SendAsync(transaction.Method, body, package is null ? null : [new HeaderField("Info-Package", package)]);
            _tenant.Respond(transaction, PassedOn(answer.StatusCode));
        }
        finally
        {
            _passing--;
        }
    }

    // The other party's word about the body is passed on; what it says about its own dialog or of our request is not the sender's business.
    private static int PassedOn(int status) => status switch
    {
        >= 200 and < 300 => 200,
        405 or 415 or 501 => 415,
        413 or 469 or 488 or 606 => status,
        _ => 500,
    };
}
