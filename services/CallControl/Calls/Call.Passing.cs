using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>What the parties say to each other beside the session: INFO and MESSAGE go from leg to leg. Partial: keys for carriers (<c>Call.Keys.cs</c>).</summary>
internal sealed partial class Call
{
    private const int MaximumPassing = 16;                        // at once, in one call: a party that floods the other waits

    private static readonly TimeSpan s_sameKey = TimeSpan.FromMilliseconds(200);       // I54: one key, told by RTP and by INFO

    private readonly Dictionary<int, (char Digit, DateTime At, bool ByInfo)> _keys = [];
    private int _passing;

    /// <summary>Whether the party has pressed this key a moment ago: then it is told the second time.</summary>
    private bool IsToldAgain(int leg, char digit, bool byInfo)
    {
        bool again = _keys.TryGetValue(leg, out (char Digit, DateTime At, bool ByInfo) last) && last.Digit == digit && last.ByInfo != byInfo && Now - last.At < s_sameKey;
        _keys[leg] = (digit, Now, byInfo);
        return again;
    }

    /// <summary>Takes a REFER, and passes an INFO (RFC 6086) or MESSAGE (RFC 3428) with a body on to the other party. Without one it is a keep-alive, and the dialog answers 200 by itself, as it does in the echo test. Where we are the other party, a key in an INFO is a key; where a carrier is, it gets it in its own way.</summary>
    /// <returns>Whether the request was taken.</returns>
    private bool TryPassOn(CallLeg leg, ServerTransaction transaction)
    {
        if (transaction.Method == SipMethod.Refer)
        {
            AnswerRefer(leg, transaction);
            return true;
        }
        bool passes = transaction.Method == SipMethod.Info || transaction.Method == SipMethod.Message;
        char? unheard = null;
        if (transaction.Method == SipMethod.Info && MessageBody.Of(transaction.Request) is { } info && InfoDigit.Of(info) is { } key)
        {
            if (Partner(leg) is { Carrier: not null } && _passing >= MaximumPassing)
            {
                _tenant.Respond(transaction, 500, null, (SipHeaderName.RetryAfter, "1"));
                return true;
            }
            bool isNew = DigitReceived(leg.Number, key, byInfo: true);
            if (Partner(leg) is not { Carrier: null })            // a phone gets the very INFO
            {
                _tenant.Respond(transaction, 200);
                if (isNew && Partner(leg) is { } carrier)
                    PassKey(leg, carrier, key);
                return true;
            }
            unheard = isNew ? key : null;
        }
        if (!passes || MessageBody.Of(transaction.Request) is not { } body || Partner(leg) is not { Dialog: { IsEnded: false } dialog } other)
            return false;
        if (_passing >= MaximumPassing)
            _tenant.Respond(transaction, 500, null, (SipHeaderName.RetryAfter, "1"));
        else
            _tenant.Scheduler.Start(() => PassOnAsync(leg, transaction, body, other, dialog, unheard));
        return true;
    }

    private async Task PassOnAsync(CallLeg from, ServerTransaction transaction, MessageBody body, CallLeg to, InviteDialog dialog, char? key)
    {
        _passing++;
        try
        {
            string? package = transaction.Request.Headers.Get("Info-Package");
            SipResponse answer = await dialog.SendAsync(transaction.Method, body, package is null ? null : [new HeaderField("Info-Package", package)]);
            int status = PassedOn(answer.StatusCode);
            if (status == 415 && key is { } digit)
            {
                PassKey(from, to, digit);                         // a phone that takes no keys by INFO hears them in the media
                status = 200;
            }
            _tenant.Respond(transaction, status);
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
