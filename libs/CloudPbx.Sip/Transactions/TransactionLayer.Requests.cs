using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Transactions;

public sealed partial class TransactionLayer
{
    internal void PassAck(SipRequest ack, Flow flow) => _user.OnAck(ack, flow);

    internal void Remove(ServerTransaction transaction)
    {
        AssertAlone();
        if (_servers.Remove(transaction.Key) && transaction.IsBeyond)
            _beyond--;
        if (transaction.Merge is { } merge && _originals.TryGetValue(merge, out ServerTransaction? original) && ReferenceEquals(original, transaction))
            _originals.Remove(merge);
    }

    /// <summary>A transaction was answered, and nobody looks at it again: what its repetitions and copies are known by is kept, the transaction is not.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="response">What a repetition gets, or nothing.</param>
    /// <param name="life">For how long repetitions can come.</param>
    internal void Settle(ServerTransaction transaction, SipResponse? response, TimeSpan life)
    {
        Remove(transaction);
        if (life == TimeSpan.Zero)
            return;
        Answered.Add(transaction.Key, response, life);
        if (transaction.Merge is { } merge && !IsChallenge(transaction.LastResponse))
            Answered.Add(merge.ToName(), null, life);
    }

    /// <summary>Whether a request repeats one that has come before and is not forgotten.</summary>
    /// <param name="request">The request; no ACK.</param>
    public bool Knows(SipRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ServerTransactionKey key = ServerTransactionKey.Of(request, request.Method);
        return _servers.ContainsKey(key) || Answered.Knows(key);
    }

    private static MergeKey MergeKeyOf(SipRequest request) => new(request.From.Tag ?? "", request.CallId, request.CSeq);

    private static bool IsChallenge(SipResponse? response) => response?.StatusCode is 401 or 407;

    private void ReceiveRequest(SipRequest request, Flow flow)
    {
        if (request.Method == SipMethod.Ack)
        {
            ReceiveAck(request, flow);
            return;
        }
        ServerTransactionKey key = ServerTransactionKey.Of(request, request.Method);
        if (_servers.TryGetValue(key, out ServerTransaction? known))
        {
            Counters.CountAbsorbed();
            known.ReceiveAgain();
            return;
        }
        if (Answered.TryFind(key, out SipResponse? answer))
        {
            Counters.CountAbsorbed();
            if (answer is null)
                return;
            Counters.CountResent();
            flow.TrySend(answer);                        // to whence the repetition came, which is where the request came from
            return;
        }
        bool isBeyond = false;
        if (!HasRoomFor(request.Method) && !(isBeyond = TakesBeyond(request)))
        {
            RefuseOverload(request, flow);
            return;
        }
        ServerTransaction transaction = request.Method == SipMethod.Invite
            ? new InviteServerTransaction(this, request, flow) { Key = key, IsBeyond = isBeyond }
            : new NonInviteServerTransaction(this, request, flow) { Key = key };
        _servers[key] = transaction;
        _beyond += isBeyond ? 1 : 0;
        transaction.Start();
        if (request.Method == SipMethod.Cancel)
            ReceiveCancel(transaction);
        else if (IsMerged(request))
        {
            Counters.CountMerged();
            transaction.Respond(482);
        }
        else
        {
            // A REGISTER's repetition is none's copy: nobody asks for it.
            if (request.To.Tag is null && request.Method != SipMethod.Register)
                _originals[(transaction.Merge = MergeKeyOf(request)).Value] = transaction;
            _user.OnRequest(transaction);
        }
    }

    // What ends a call makes room, and so does what lets a caller who was taken be answered (RFC 3262 §3): it is taken up to twice the limit.
    private bool HasRoomFor(SipMethod method) => _clients.Count - Math.Min(_lingering, _maximum) + _servers.Count
        < (method == SipMethod.Bye || method == SipMethod.Cancel || method == SipMethod.Prack ? 2 * _maximum : _maximum);

    private bool TakesBeyond(SipRequest request) =>
        _beyond < MaximumBeyond && request.Method == SipMethod.Invite && request.To.Tag is null && _takesBeyond is not null && _takesBeyond(request);

    /// <summary>ACK of a failure has its INVITE's branch and goes to that transaction; any other is the user core's (RFC 3261 §17.1.1.3, §13.2.2.4).</summary>
    private void ReceiveAck(SipRequest ack, Flow flow)
    {
        if (_servers.TryGetValue(ServerTransactionKey.Of(ack, SipMethod.Invite), out ServerTransaction? invite)
            && (ack.TopVia.HasRfc3261Branch || ack.To.Tag == invite.LastResponse?.To.Tag))
            invite.ReceiveAck(ack);
        else
            PassAck(ack, flow);
    }

    /// <summary>RFC 3261 §9.2: 200 to the CANCEL whatever becomes of the INVITE, 481 if there is none; a CANCEL after the final response changes nothing.</summary>
    private void ReceiveCancel(ServerTransaction cancel)
    {
        ServerTransactionKey key = ServerTransactionKey.Of(cancel.Request, SipMethod.Invite);
        if (!_servers.TryGetValue(key, out ServerTransaction? invite))
        {
            if (Answered.Knows(key))
            {
                cancel.Respond(200);
                return;
            }
            Counters.CountStrayCancel();
            cancel.Respond(481);
            return;
        }
        // §9.2: the To tag of the 200 should be that of the response to the INVITE.
        cancel.Respond(200, toTag: invite.LastResponse?.To.Tag);
        if (!invite.IsAnswered)
            invite.ReceiveCancel(cancel.Request);
    }

    /// <summary>
    /// RFC 3261 §8.2.2.2, outside dialogs only. A request that was merely challenged does not count, for phones that repeat it with credentials but the old CSeq;
    /// a REGISTER neither, since its exact repetition is to be answered with 200 (§10.3).
    /// </summary>
    private bool IsMerged(SipRequest request)
    {
        if (request.To.Tag is not null || request.Method == SipMethod.Register)
            return false;
        MergeKey key = MergeKeyOf(request);
        return _originals.TryGetValue(key, out ServerTransaction? original) ? !IsChallenge(original.LastResponse) : Answered.Count > 0 && Answered.Knows(key.ToName());
    }

    private void RefuseOverload(SipRequest request, Flow flow)
    {
        Counters.CountOverload();
        if (request.Method != SipMethod.Invite || request.To.Tag is not null)
            return;
        SipResponse response = SipResponse.For(request, 503, null, Tokens.NewTag());
        response.Headers.Add(SipHeaderName.RetryAfter, RetryAfter.For(request));
        flow.TrySend(response);                          // stateless: a retransmission gets another one
    }
}
