using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

public sealed partial class UserAgentLayer
{
    private void OnRequest(ServerTransaction transaction)
    {
        SipRequest request = transaction.Request;
        if (!Accepts(transaction))
            return;
        // A REGISTER makes no dialog (§10.2): a To tag in one, which some phones send, means nothing.
        if (request.To.Tag is null || request.Method == SipMethod.Register)
        {
            if (request.RequestUri.Scheme == SipScheme.Other && !(IsEmergencyCall(request) && Options.TakesEmergencyServices))
                transaction.Respond(416);                // §8.2.2.1
            else if (request.Method == SipMethod.Bye)
                transaction.Respond(481);                // §15.1.2
            else
                _core.OnRequest(transaction);
            return;
        }
        if (_dialogs.TryGetValue(DialogId.OfRequest(request), out IDialogUser? dialog))
        {
            if (request.Method == SipMethod.Subscribe && dialog is not Subscription)
                transaction.Respond(403);                // RFC 6665 §4.5.2: a subscription has a dialog of its own
            else
                dialog.OnRequest(transaction);
        }
        else if (request.Method == SipMethod.Subscribe)
        {
            transaction.Respond(481);
        }
        else if (_outgoing.TryGetValue((request.CallId, request.To.Tag), out IOutgoingInvite? call))
            call.OnRequest(transaction);
        else
            transaction.Respond(481);                    // §12.2.2
    }

    private static bool IsEmergencyCall(SipRequest request) => request.Method == SipMethod.Invite && request.RequestUri.EmergencyService is not null;

    /// <summary>The checks of RFC 3261 §8.2.1 and §8.2.2.3.</summary>
    private bool Accepts(ServerTransaction transaction)
    {
        SipRequest request = transaction.Request;
        bool coreRefuses = Options.CoreRefusesMethods && request.Method.IsKnown && request.To.Tag is null;
        if (!coreRefuses && !Options.Methods.Contains(request.Method))
        {
            // I69: a phone that refreshes a subscription of before a restart learns that there is none, and begins anew (RFC 6665 §4.1.2.2).
            if (request.Method == SipMethod.Subscribe && request.To.Tag is not null)
            {
                transaction.Respond(481);
                return false;
            }
            // SUBSCRIBE, REFER … are known and refused; a method that no RFC here names is not implemented (§21.5.2).
            SipResponse refusal = SipResponse.For(request, request.Method.IsKnown ? 405 : 501, toTag: Tokens.NewTag());
            refusal.Headers.Add(SipHeaderName.Allow, _allow);
            transaction.Respond(refusal);
            return false;
        }
        List<string> unknown = [.. request.Headers.GetValues(SipHeaderName.Require)
            .Where(tag => tag.Length > 0 && !Options.Extensions.Contains(tag, StringComparer.OrdinalIgnoreCase))];
        if (unknown.Count == 0)
            return true;
        SipResponse bad = SipResponse.For(request, 420, toTag: Tokens.NewTag());
        bad.Headers.Add(SipHeaderName.Unsupported, string.Join(", ", unknown));
        transaction.Respond(bad);
        return false;
    }

    private void OnAck(SipRequest ack)
    {
        if (_dialogs.TryGetValue(DialogId.OfRequest(ack), out IDialogUser? dialog))
            dialog.OnAck(ack);
    }

    /// <summary>A 2xx to an INVITE is never ignored: unacknowledged it would be repeated for 32 s, and its sender would think to be in a call (§13.2.2.4).</summary>
    private void OnStrayResponse(SipResponse response, Flow flow)
    {
        if (response.IsSuccess && response.CSeq.Method == SipMethod.Invite)
            OnLateAnswer(response, flow);
    }

    /// <summary>A 2xx whose transaction has ended, or has had its answer.</summary>
    private void OnLateAnswer(SipResponse response, Flow flow)
    {
        if (_dialogs.TryGetValue(DialogId.OfResponse(response), out IDialogUser? dialog))
            dialog.OnLateAnswer(response, flow);
        else if (_outgoing.TryGetValue((response.CallId, response.From.Tag ?? ""), out IOutgoingInvite? call))
            call.OnAnswer(response);
    }

    private sealed class TransactionUser(UserAgentLayer layer) : ITransactionUser
    {
        public void OnRequest(ServerTransaction transaction) => layer.OnRequest(transaction);

        public void OnAck(SipRequest ack, Flow flow) => layer.OnAck(ack);

        public void OnStrayResponse(SipResponse response, Flow flow) => layer.OnStrayResponse(response, flow);
    }
}
