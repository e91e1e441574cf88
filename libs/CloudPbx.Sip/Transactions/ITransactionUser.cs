using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Transactions;

/// <summary>Who sits above the transactions (the "TU" of RFC 3261 §17). Everything is called on the owner's thread.</summary>
public interface ITransactionUser
{
    /// <summary>A new request came: neither a retransmission, nor an ACK, nor a CANCEL (that is told to the INVITE's transaction).</summary>
    /// <param name="transaction">The transaction to answer by; an INVITE that is left alone gets 100 Trying after 200 ms.</param>
    void OnRequest(ServerTransaction transaction);

    /// <summary>An ACK came that belongs to no failure response: it acknowledges a 2xx (RFC 3261 §13.2.2.4) or nothing.</summary>
    /// <param name="ack">The ACK.</param>
    /// <param name="flow">The flow it came in on.</param>
    void OnAck(SipRequest ack, Flow flow);

    /// <summary>A response came that no client transaction waits for: a repeated or forked 2xx after its transaction's end (RFC 3261 §13.2.2.4), or a stray.</summary>
    /// <param name="response">The response.</param>
    /// <param name="flow">The flow it came in on.</param>
    void OnStrayResponse(SipResponse response, Flow flow);
}
