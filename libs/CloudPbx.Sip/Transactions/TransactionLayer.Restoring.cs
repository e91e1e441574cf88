using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Transactions;

/// <summary>Taking over INVITE transactions that began elsewhere. Others are too short-lived to move: their clients repeat the request.</summary>
public sealed partial class TransactionLayer
{
    /// <summary>Takes over an INVITE that came in. Nothing is sent.</summary>
    /// <param name="invite">The INVITE as it was received.</param>
    /// <param name="flow">The flow that it came in on.</param>
    /// <param name="last">The last response, a 1xx or 2xx; <see langword="null"/> if there was none.</param>
    internal ServerTransaction Restore(SipRequest invite, Flow flow, SipResponse? last)
    {
        AssertAlone();
        InviteServerTransaction transaction = new(this, invite, flow) { Key = ServerTransactionKey.Of(invite, SipMethod.Invite) };
        _servers[transaction.Key] = transaction;
        if (invite.To.Tag is null)
            _originals[(transaction.Merge = MergeKeyOf(invite)).Value] = transaction;
        transaction.Resume(last);
        return transaction;
    }

    /// <summary>Takes over an INVITE of ours.</summary>
    /// <param name="invite">The INVITE as it was sent, our Via on top.</param>
    /// <param name="flow">The flow that it left by.</param>
    /// <param name="isProceeding">Whether a provisional response came; else it is sent again on unreliable flows, and timer B runs anew.</param>
    /// <param name="onResponse">As with <see cref="Send"/>.</param>
    /// <param name="onFault">As with <see cref="Send"/>.</param>
    internal ClientTransaction Restore(
        SipRequest invite, Flow flow, bool isProceeding, Action<ClientTransaction, SipResponse> onResponse, Action<ClientTransaction, TransactionFault> onFault)
    {
        AssertAlone();
        string branch = invite.TopVia.Branch ?? throw new ArgumentException("Our Via has a branch.", nameof(invite));
        InviteClientTransaction transaction = new(this, invite, flow, branch, onResponse, onFault);
        _clients[new(branch, SipMethod.Invite)] = transaction;
        transaction.Resume(isProceeding);
        return transaction;
    }
}
