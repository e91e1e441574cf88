using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>One request and its further attempts with credentials, until a final response (RFC 3261 §8.1.3.5, §22.2).</summary>
/// <param name="transactions">Where it is sent.</param>
/// <param name="flow">The flow of each attempt.</param>
/// <param name="authentication">What answers challenges, or nothing.</param>
/// <param name="nextCSeq">The CSeq number of the next attempt, given the last one's.</param>
/// <param name="onFinal">Called with the final response at once, before anything else comes in; the task's continuations run later.</param>
/// <param name="onAnswerAgain">Called for each 2xx to an INVITE after the first, or nothing.</param>
internal sealed class RequestAttempts(
    TransactionLayer transactions, Func<Flow> flow, DigestClient? authentication, Func<uint, uint> nextCSeq,
    Action<SipResponse>? onFinal = null, Action<SipResponse>? onAnswerAgain = null)
{
    /// <summary>A stale nonce costs one more attempt, a second proxy on the way another.</summary>
    private const int MaximumAttempts = 5;

    private readonly TaskCompletionSource<SipResponse> _final = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _attempts;

    /// <summary>Gets the attempt that was sent last.</summary>
    internal SipRequest? Request { get; private set; }

    /// <summary>Gets the last attempt's transaction.</summary>
    internal ClientTransaction? Transaction { get; private set; }

    /// <summary>Gets whether a final response was taken.</summary>
    internal bool IsDone => _final.Task.IsCompleted;

    /// <summary>Gets whether the peer said anything. A 430 is our own side's: the flow is gone (RFC 5626 §11.2).</summary>
    internal bool IsHeard { get; private set; }

    /// <summary>Sends the request.</summary>
    /// <returns>The final response; made here with 408 or 503 if none came.</returns>
    internal Task<SipResponse> SendAsync(SipRequest request)
    {
        authentication?.Authorize(request);
        Send(request);
        return _final.Task;
    }

    /// <summary>Ends the wait from outside, because the dialog is over.</summary>
    internal void Complete(int statusCode)
    {
        if (!IsDone)
            Finish(SipResponse.For(Request!, statusCode));
    }

    /// <summary>Ends the wait with 408 if the peer said nothing so far. A 2xx that comes later is acknowledged.</summary>
    internal void GiveUpUnheard()
    {
        if (!IsHeard)
            Complete(408);
    }

    /// <summary>A copy of a request for another attempt: everything but Via, with another CSeq number.</summary>
    internal static SipRequest Again(SipRequest request, uint cseq)
    {
        SipRequest copy = new(request.Method, request.RequestUri);
        foreach ((string name, string value) in request.Headers)
        {
            switch (SipHeaderNames.Identify(name))
            {
                case SipHeaderName.Via or SipHeaderName.ContentLength or SipHeaderName.ContentType:
                    break;
                case SipHeaderName.CSeq:
                    copy.Headers.Add(SipHeaderName.CSeq, new CSeq(cseq, request.Method).ToString());
                    break;
                default:
                    copy.Headers.Add(name, value);
                    break;
            }
        }
        if (!request.Body.IsEmpty)
            copy.SetBody(request.Body, request.ContentType ?? "application/octet-stream");
        return copy;
    }

    private void Send(SipRequest request)
    {
        _attempts++;
        Request = request;
        Transaction = transactions.Send(request, flow(), OnResponse, OnFault);
    }

    private void OnResponse(ClientTransaction transaction, SipResponse response)
    {
        IsHeard |= response.StatusCode != 430;
        if (response.IsProvisional)
            return;
        if (IsDone)
        {
            if (response.IsSuccess)
                onAnswerAgain?.Invoke(response);
            return;
        }
        if (response.StatusCode is 401 or 407 && authentication is not null && _attempts < MaximumAttempts)
        {
            SipRequest again = Again(transaction.Request, nextCSeq(transaction.Request.CSeq.Number));
            if (authentication.TryAuthorize(again, response))
            {
                Send(again);
                return;
            }
        }
        Finish(response);
    }

    private void OnFault(ClientTransaction transaction, TransactionFault fault)
    {
        if (ReferenceEquals(transaction, Transaction))
            Complete(fault == TransactionFault.Timeout ? 408 : 503);             // §8.1.3.1
    }

    private void Finish(SipResponse response)
    {
        onFinal?.Invoke(response);
        _final.TrySetResult(response);
    }
}
