using System.Diagnostics;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Transactions;

/// <summary>Matches messages to transactions (RFC 3261 §17.1.3, §17.2.3), absorbs retransmissions, and makes new transactions.</summary>
/// <remarks>
/// Single-threaded by contract: <see cref="Receive"/>, <see cref="Send"/>, the transactions and the timers' callbacks run on the owner's thread or exclusive
/// scheduler; debug builds assert that no two of them overlap. Memory is bounded by the number of transactions: above it an INVITE that begins a call is refused
/// with 503, anything else new is dropped, so that a phone tries again (a 503 to REGISTER would put GNOME Calls offline for good); what the owner never refuses
/// has a number of its own. What was answered takes no
/// place from what is new: of requests to us the oldest are forgotten, of our own as many again may wait for repetitions.
/// </remarks>
public sealed partial class TransactionLayer
{
    /// <summary>How many INVITEs that nobody may refuse are taken at once where there is no room.</summary>
    public const int MaximumBeyond = 256;

    private readonly Dictionary<ClientTransactionKey, ClientTransaction> _clients = [];
    private readonly Dictionary<ServerTransactionKey, ServerTransaction> _servers = [];
    private readonly Dictionary<MergeKey, ServerTransaction> _originals = [];
    private readonly ITransactionUser _user;
    private readonly int _maximum;
    private readonly Func<SipRequest, bool>? _takesBeyond;
    private int _lingering;                              // of the client transactions
    private int _beyond;                                 // of the server transactions: taken though there was no room
    private int _thread;                                 // who is inside Receive, 0 for nobody

    /// <summary>Creates an empty layer.</summary>
    /// <param name="timers">The owner's timers.</param>
    /// <param name="sipTimers">The timers' values.</param>
    /// <param name="tokens">Makes branches and tags.</param>
    /// <param name="user">Who receives what matches no transaction.</param>
    /// <param name="maximumTransactions">How many transactions may be under way at once, and how many that were answered are known by their octets.</param>
    /// <param name="takesBeyond">Which INVITEs are taken though there are so many, up to <see cref="MaximumBeyond"/> at once; <see langword="null"/> for none.</param>
    public TransactionLayer(ITimers timers, SipTimers sipTimers, SipTokens tokens, ITransactionUser user, int maximumTransactions = 20_000, Func<SipRequest, bool>? takesBeyond = null)
    {
        Timers = timers;
        Lingering = new Lingering(timers);
        Answered = new AnsweredRequests(timers, maximumTransactions);
        SipTimers = sipTimers;
        Tokens = tokens;
        _user = user;
        _maximum = maximumTransactions;
        _takesBeyond = takesBeyond;
    }

    /// <summary>Gets the owner's timers.</summary>
    public ITimers Timers { get; }

    /// <summary>Gets who ends the transactions that wait for repetitions only.</summary>
    internal Lingering Lingering { get; }

    /// <summary>Gets the answers to requests whose transactions ended with them.</summary>
    internal AnsweredRequests Answered { get; }

    /// <summary>Gets the timers' values.</summary>
    public SipTimers SipTimers { get; }

    /// <summary>Gets the source of branches and tags.</summary>
    public SipTokens Tokens { get; }

    /// <summary>Gets what was counted so far.</summary>
    public TransactionCounters Counters { get; } = new();

    /// <summary>Gets how many transactions live.</summary>
    public int Count => _clients.Count + _servers.Count + Answered.Count;

    /// <summary>Takes a message from a flow, parsed without fault.</summary>
    /// <param name="message">The message; the layer keeps it.</param>
    /// <param name="flow">The flow it came in on.</param>
    public void Receive(SipMessage message, Flow flow)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(flow);
        Enter();
        try
        {
            if (message is SipRequest request)
                ReceiveRequest(request, flow);
            else if (message is SipResponse response)
                ReceiveResponse(response, flow);
        }
        finally
        {
            _thread = 0;
        }
    }

    /// <summary>Sends a request in a new client transaction (RFC 3261 §17.1). Not for ACK, which belongs to no transaction: <see cref="SendAck"/>.</summary>
    /// <param name="request">A complete request without our Via, which is put on top.</param>
    /// <param name="flow">The flow that it leaves by.</param>
    /// <param name="onResponse">Called for each response that is not a mere repetition, and for every 2xx to an INVITE (RFC 6026 §7.2).</param>
    /// <param name="onFault">Called if no final response came; never from inside this call.</param>
    /// <returns>The transaction.</returns>
    public ClientTransaction Send(
        SipRequest request, Flow flow, Action<ClientTransaction, SipResponse> onResponse, Action<ClientTransaction, TransactionFault> onFault)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(flow);
        if (request.Method == SipMethod.Ack)
            throw new ArgumentException("ACK has no transaction (RFC 3261 §17).", nameof(request));
        AssertAlone();
        string branch = Tokens.NewBranch();
        request.Headers.AddFirst(SipHeaderName.Via, flow.CreateVia(branch).ToString());
        return SendWithVia(request, flow, branch, onResponse, onFault);
    }

    /// <summary>Sends the ACK of a 2xx, with a Via of its own (RFC 3261 §13.2.2.4).</summary>
    /// <param name="ack">The ACK without Via. To send it again, send the same object by <see cref="Flow.TrySend"/>.</param>
    /// <param name="flow">The flow that it leaves by.</param>
    /// <returns>Whether the flow took it.</returns>
    public bool SendAck(SipRequest ack, Flow flow)
    {
        ArgumentNullException.ThrowIfNull(ack);
        ArgumentNullException.ThrowIfNull(flow);
        ack.Headers.AddFirst(SipHeaderName.Via, flow.CreateVia(Tokens.NewBranch()).ToString());
        return flow.TrySend(ack);
    }

    internal ClientTransaction SendWithVia(
        SipRequest request, Flow flow, string branch, Action<ClientTransaction, SipResponse> onResponse, Action<ClientTransaction, TransactionFault> onFault)
    {
        AssertAlone();
        ClientTransaction transaction = request.Method == SipMethod.Invite
            ? new InviteClientTransaction(this, request, flow, branch, onResponse, onFault)
            : new NonInviteClientTransaction(this, request, flow, branch, onResponse, onFault);
        _clients[new(branch, request.Method)] = transaction;
        transaction.Start();
        return transaction;
    }

    /// <summary>Called by each transaction at its end, so by timers too.</summary>
    internal void Remove(ClientTransaction transaction)
    {
        AssertAlone();
        if (_clients.Remove(new(transaction.Branch, transaction.Method)) && transaction.IsLingering)
            _lingering--;
    }

    /// <summary>A client transaction has its final response: it is there for repetitions, and for answers of other forks (RFC 6026 §7.2), and takes no place from what is new.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="life">For how long.</param>
    /// <param name="end">Ends it.</param>
    internal void Linger(ClientTransaction transaction, TimeSpan life, Action<object?> end)
    {
        transaction.IsLingering = true;
        _lingering++;
        Lingering.Add(life, end, transaction);
    }

    private void ReceiveResponse(SipResponse response, Flow flow)
    {
        // §18.1.2: a response whose top Via is not ours is dropped; an unknown branch says the same. The sent-by is not compared, it may be a shared name.
        if (response.TopVia.Branch is { } branch && _clients.TryGetValue(new(branch, response.CSeq.Method), out ClientTransaction? transaction))
        {
            transaction.Receive(response);
            return;
        }
        Counters.CountStrayResponse();
        _user.OnStrayResponse(response, flow);
    }

    private void Enter()
    {
        Debug.Assert(_thread == 0, "TransactionLayer is single-threaded: Receive was entered twice at once.");
        _thread = Environment.CurrentManagedThreadId;
    }

    /// <summary>Debug builds find a second thread inside, which would be a fault of the owner's scheduling.</summary>
    [Conditional("DEBUG")]
    private void AssertAlone() =>
        Debug.Assert(_thread == 0 || _thread == Environment.CurrentManagedThreadId, "TransactionLayer is single-threaded: another thread is inside.");
}
