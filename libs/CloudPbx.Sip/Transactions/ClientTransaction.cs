using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Transactions;

/// <summary>A client transaction (RFC 3261 §17.1): sends a request, again where the flow is unreliable, and hands over its responses.</summary>
/// <remarks>Made by <see cref="TransactionLayer.Send"/>; used on the owner's thread only.</remarks>
public abstract class ClientTransaction
{
    private Action<ClientTransaction, SipResponse>? _onResponse;
    private Action<ClientTransaction, TransactionFault>? _onFault;
    private SipRequest? _request;

    private protected ClientTransaction(
        TransactionLayer layer, SipRequest request, Flow flow, string branch,
        Action<ClientTransaction, SipResponse> onResponse, Action<ClientTransaction, TransactionFault> onFault)
    {
        Layer = layer;
        _request = request;
        Method = request.Method;
        Flow = flow;
        Branch = branch;
        _onResponse = onResponse;
        _onFault = onFault;
    }

    /// <summary>Gets the request as it was sent, its Via included.</summary>
    /// <exception cref="InvalidOperationException">The transaction waits for repetitions only: it keeps the request no longer.</exception>
    public SipRequest Request => _request ?? throw new InvalidOperationException("The request of a transaction that had its answer is gone.");

    /// <summary>Gets the request's method.</summary>
    public SipMethod Method { get; }

    /// <summary>Gets the flow that the request left by.</summary>
    public Flow Flow { get; }

    /// <summary>Gets the branch of our Via.</summary>
    public string Branch { get; }

    /// <summary>Gets whether the transaction is over: nothing more will be told.</summary>
    public abstract bool IsTerminated { get; }

    /// <summary>Whether it had its final response and waits for repetitions only.</summary>
    internal bool IsLingering { get; set; }

    private protected TransactionLayer Layer { get; }

    private protected ITimers Timers => Layer.Timers;

    private protected SipTimers Values => Layer.SipTimers;

    /// <summary>Sends CANCEL for this INVITE (RFC 3261 §9.1). Only after a provisional response, and not after a final one: the user sees to that.</summary>
    /// <param name="reason">The value of a Reason header field (RFC 3326), or <see langword="null"/>.</param>
    /// <exception cref="InvalidOperationException">The request is no INVITE.</exception>
    public void Cancel(string? reason = null)
    {
        if (Method != SipMethod.Invite)
            throw new InvalidOperationException("Only an INVITE can be cancelled (RFC 3261 §9.1).");
        if (IsTerminated || _request is null)
            return;
        // §9.1: Request-URI, Call-ID, To, From, CSeq number, Route and the one Via are those of the INVITE.
        SipRequest cancel = new(SipMethod.Cancel, Request.RequestUri);
        cancel.Headers.Add(SipHeaderName.Via, Request.TopVia.ToString());
        cancel.Headers.CopyFrom(Request.Headers, SipHeaderName.Route);
        cancel.Headers.Add(SipHeaderName.MaxForwards, "70");
        cancel.Headers.CopyFrom(Request.Headers, SipHeaderName.From);
        cancel.Headers.CopyFrom(Request.Headers, SipHeaderName.To);
        cancel.Headers.CopyFrom(Request.Headers, SipHeaderName.CallId);
        cancel.Headers.Add(SipHeaderName.CSeq, new CSeq(Request.CSeq.Number, SipMethod.Cancel).ToString());
        if (reason is not null)
            cancel.Headers.Add(SipHeaderName.Reason, reason);
        // What matters is the INVITE's final response; a CANCEL that nobody answers changes nothing.
        Layer.SendWithVia(cancel, Flow, Branch, static (_, _) => { }, static (_, _) => { });
    }

    /// <summary>Gives up an INVITE that was cancelled 64·T1 ago without a final response (RFC 3261 §9.1, I19); its user is told <see cref="TransactionFault.Timeout"/>.</summary>
    public virtual void Abandon()
    {
    }

    /// <summary>
    /// Forgets the request and who sent it, after the final response: for up to 64·T1 the transaction is there for repetitions, and what it holds would be held as long
    /// (a whole call). Nothing is told any more but answers that come again or from another fork.
    /// </summary>
    /// <param name="onAnswer">Who takes these, for an INVITE.</param>
    internal void LeaveTo(Action<ClientTransaction, SipResponse>? onAnswer)
    {
        _request = null;
        _onResponse = onAnswer;
        _onFault = null;
    }

    internal abstract void Start();

    internal abstract void Receive(SipResponse response);

    private protected void PassToUser(SipResponse response) => _onResponse?.Invoke(this, response);

    private protected void TellUser(TransactionFault fault)
    {
        Layer.Counters.CountFault();
        _onFault?.Invoke(this, fault);
    }

    /// <summary>Sends the request; a flow that refuses it is reported by a timer of no length, never from inside this call.</summary>
    private protected void SendRequest(Action<object?> onTransportError)
    {
        if (!Flow.TrySend(Request))
            Timers.Schedule(TimeSpan.Zero, onTransportError, this);
    }
}
