namespace CloudPbx.Sip.Transactions;

/// <summary>Why a transaction ended without what it waited for (RFC 3261 §17.1.4, §8.1.3.1).</summary>
public enum TransactionFault
{
    /// <summary>No final response came in 64·T1 (timers B, F), or no ACK (timer H). A user treats it as 408.</summary>
    Timeout,

    /// <summary>The flow refused the message. A user treats it as 503.</summary>
    TransportError,
}
