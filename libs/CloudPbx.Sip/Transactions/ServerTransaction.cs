using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Transactions;

/// <summary>A server transaction (RFC 3261 §17.2): a request that came, and its responses, repeated as often as the request is.</summary>
/// <remarks>Made by <see cref="TransactionLayer"/>; used on the owner's thread only. A response after the transaction's end is a no-op.</remarks>
public abstract class ServerTransaction
{
    private protected ServerTransaction(TransactionLayer layer, SipRequest request, Flow flow)
    {
        Layer = layer;
        Request = request;
        Flow = flow;
    }

    /// <summary>Raised for an INVITE without final response when its CANCEL came; the CANCEL was answered with 200 already, the INVITE wants 487 now (RFC 3261 §9.2).</summary>
    public event Action<ServerTransaction, SipRequest>? Cancelled;

    /// <summary>Raised when the ACK of a failure did not come (timer H), or the flow refused a response.</summary>
    public event Action<ServerTransaction, TransactionFault>? Failed;

    /// <summary>Gets the request.</summary>
    public SipRequest Request { get; }

    /// <summary>Gets the request's method.</summary>
    public SipMethod Method => Request.Method;

    /// <summary>What its layer finds it by.</summary>
    internal ServerTransactionKey Key { get; init; }

    /// <summary>Whether its layer took it though there was no room.</summary>
    internal bool IsBeyond { get; init; }

    /// <summary>What its layer knows merged requests by; <see langword="null"/> where it is no original.</summary>
    internal MergeKey? Merge { get; set; }

    /// <summary>Gets the flow that the request came in on; its responses leave by it.</summary>
    public Flow Flow { get; }

    /// <summary>Gets the last response that was sent, or <see langword="null"/>.</summary>
    public SipResponse? LastResponse { get; private protected set; }

    /// <summary>Gets whether a final response was sent.</summary>
    public bool IsAnswered => LastResponse is { IsProvisional: false };

    /// <summary>Gets whether the transaction is over.</summary>
    public abstract bool IsTerminated { get; }

    private protected TransactionLayer Layer { get; }

    private protected ITimers Timers => Layer.Timers;

    private protected SipTimers Values => Layer.SipTimers;

    /// <summary>Sends a response. After a final one only a repeated 2xx to an INVITE is sent (RFC 6026 §7.1); anything else is ignored.</summary>
    /// <param name="response">Made by <see cref="SipResponse.For"/> of <see cref="Request"/>. A 408 to a non-INVITE ends the transaction in silence (RFC 4320 §4.2).</param>
    public abstract void Respond(SipResponse response);

    /// <summary>Sends a response without body, with a random To tag where the request has none.</summary>
    /// <param name="statusCode">100 to 699.</param>
    /// <param name="reasonPhrase">The reason phrase; <see langword="null"/> for the RFC's own.</param>
    /// <param name="toTag">The To tag; <see langword="null"/> for a random one.</param>
    public void Respond(int statusCode, string? reasonPhrase = null, string? toTag = null) =>
        Respond(SipResponse.For(Request, statusCode, reasonPhrase, statusCode == 100 ? null : toTag ?? Layer.Tokens.NewTag()));

    /// <summary>Sends a final response once and forgets the request: a challenge to a stranger must not cost memory (RFC 3261 §26.3.2.4). A repeated request is a
    /// new one then, so the To tag should be a function of the request (§8.2.7).</summary>
    /// <param name="response">Made by <see cref="SipResponse.For"/> of <see cref="Request"/>.</param>
    public void RespondAndForget(SipResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        LastResponse = response;
        Flow.TrySend(response);
        Terminate();
        Layer.Remove(this);
    }

    internal abstract void Start();

    private protected abstract void Terminate();

    internal abstract void ReceiveAgain();

    internal virtual void ReceiveAck(SipRequest ack)
    {
    }

    /// <summary>The ACK of the 2xx came, or the peer went on without it: its user sends the 2xx no more, and only repetitions of the INVITE can come, which get no answer (RFC 6026 §7.1).</summary>
    internal virtual void Acknowledged()
    {
    }

    internal void ReceiveCancel(SipRequest cancel) => Cancelled?.Invoke(this, cancel);

    private protected void TellUser(TransactionFault fault)
    {
        Layer.Counters.CountFault();
        Failed?.Invoke(this, fault);
    }

    private protected void Send(SipResponse response, Action<object?> onTransportError)
    {
        if (!Flow.TrySend(response))
            Timers.Schedule(TimeSpan.Zero, onTransportError, this);
    }
}
