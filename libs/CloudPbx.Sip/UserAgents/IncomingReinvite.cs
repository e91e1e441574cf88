using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>A change of the session that the peer asks for: a re-INVITE (RFC 3261 §14.2), or an offer in UPDATE (RFC 3311 §5.2) or PRACK (RFC 3262 §5).</summary>
public sealed class IncomingReinvite
{
    private readonly TaskCompletionSource<SipRequest?> _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IOfferOwner _dialog;
    private readonly ServerTransaction _transaction;

    internal IncomingReinvite(IOfferOwner dialog, ServerTransaction transaction)
    {
        _dialog = dialog;
        _transaction = transaction;
        transaction.Cancelled += (_, _) => Withdraw(487);
    }

    /// <summary>Gets the request.</summary>
    public SipRequest Request => _transaction.Request;

    /// <summary>Gets the flow that it came in on.</summary>
    public Flow Flow => _transaction.Flow;

    /// <summary>Gets the offer; <see langword="null"/> if the peer wants ours in the 200 and answers in the ACK.</summary>
    public MessageBody? Offer => MessageBody.Of(Request);

    /// <summary>Gets whether it still waits: neither answered nor withdrawn by CANCEL or BYE.</summary>
    public bool IsPending { get; private set; } = true;

    /// <summary>Gets the ACK with its body, once it came; <see langword="null"/> for UPDATE and PRACK, for a refusal, or when the dialog ended without it. Never fails.</summary>
    public Task<SipRequest?> Confirmed => _confirmed.Task;

    /// <summary>Gets a task that completes with the final response.</summary>
    internal Task Done => _done.Task;

    /// <summary>Agrees.</summary>
    /// <param name="body">The answer, or our offer if the request had none.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns><see langword="false"/> if it no longer waits.</returns>
    public bool Accept(MessageBody? body, IReadOnlyList<HeaderField>? headers = null)
    {
        if (!IsPending)
            return false;
        Close(isAccepted: true);
        _dialog.RefreshTarget(Request);
        SipResponse response = _dialog.CreateResponse(Request, 200);
        UserAgentLayer.AddHeaders(response, headers);
        UserAgentLayer.SetBody(response, body);
        if (Request.Method == SipMethod.Invite)
        {
            _dialog.StartAnswer(_transaction, response, offersInAnswer: Offer is null, _confirmed, isFirst: false);
            return true;
        }
        _transaction.Respond(response);
        _confirmed.TrySetResult(null);
        return true;
    }

    /// <summary>Refuses; the session stays as it is.</summary>
    /// <param name="statusCode">300 to 699; 488 for an offer that cannot be served.</param>
    /// <param name="reasonPhrase">The reason phrase; <see langword="null"/> for the RFC's own.</param>
    /// <param name="headers">Further header fields; <see langword="null"/> for none.</param>
    /// <returns><see langword="false"/> if it no longer waits.</returns>
    public bool Reject(int statusCode, string? reasonPhrase = null, IReadOnlyList<HeaderField>? headers = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(statusCode, 300);
        if (!IsPending)
            return false;
        Close(isAccepted: false);
        SipResponse response = _dialog.CreateResponse(Request, statusCode, reasonPhrase);
        UserAgentLayer.AddHeaders(response, headers);
        _transaction.Respond(response);
        _confirmed.TrySetResult(null);
        return true;
    }

    /// <summary>Ends it because the peer took it back or the dialog is over.</summary>
    internal void Withdraw(int statusCode) => Reject(statusCode);

    private void Close(bool isAccepted)
    {
        IsPending = false;
        _dialog.OnIncomingDone(this, isAccepted);
        _done.TrySetResult();
    }
}
