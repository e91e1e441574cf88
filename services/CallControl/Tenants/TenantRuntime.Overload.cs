using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Routing;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Tenants;

/// <summary>What happens when more comes than gets done (SECURITY.md S12). Edges refuse most of it before it comes here; this is the last line, for one busy tenant
/// among idle ones, and for many edges at once.</summary>
internal sealed partial class TenantRuntime
{
    private const int MaximumWaiting = 4096;                      // messages; new work beyond is refused
    private const int MaximumWaitingAtAll = 4 * MaximumWaiting;   // anything beyond is dropped: it will be repeated
    private const int MaximumWaitingForHelp = 256;                // further calls for help, which are not (S36)

    private readonly Sojourn _sojourn;
    private int _waiting;                                         // without those that register
    private int _registering;

    /// <summary>Takes a message from an edge. Thread-safe; messages are handled in the order of the calls.</summary>
    /// <returns>False where the tenant is leaving and its next owner has to take the message.</returns>
    public bool Receive(SipMessage message, Flow flow)
    {
        if (message is SipRequest request && request.Method == SipMethod.Register)
            return ReceiveRegister(message, flow);
        int waiting = Interlocked.Increment(ref _waiting);
        if (_closed || (_calms && BelongsToNext(message)))
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }
        if (waiting > MaximumWaiting && waiting > MostFor(message))
        {
            Interlocked.Decrement(ref _waiting);
            Refuse(message, flow);
            return true;
        }
        long came = _worker.Time.GetTimestamp();
        Scheduler.Post(() =>
        {
            Interlocked.Decrement(ref _waiting);
            long waited = _worker.Time.GetTimestamp() - came;
            _worker.Delay.Tenants.Observe(waited);
            _sojourn.Take(_worker.Time.GetElapsedTime(0, waited));
            if (_left)
                return;                                           // the next owner answers
            if (_sojourn.IsLong && IsTooLate(message) && !IsEmergency(message))
                Refuse(message, flow);
            else
                Handle(message, flow);
        });
        return true;
    }

    private int MostFor(SipMessage message) =>
        IsEmergency(message) ? MaximumWaitingAtAll + MaximumWaitingForHelp : IsNewWork(message) ? MaximumWaiting : MaximumWaitingAtAll;

    // Somebody is between being counted and being handled.
    private bool IsReceiving => Volatile.Read(ref _waiting) > 0 || Volatile.Read(ref _registering) > 0;

    // A CANCEL must not come before the INVITE that waits for the next owner.
    private static bool BelongsToNext(SipMessage message) => IsNewWork(message) || message is SipRequest { Method: var method } && method == SipMethod.Cancel;

    // Thousands of phones that come back must not keep anybody from calling, neither by their place in the queue nor by their number: a phone waits 32 s for its answer
    // (RFC 3261 §17.1.2.2), a caller does not.
    private bool ReceiveRegister(SipMessage message, Flow flow)
    {
        int registering = Interlocked.Increment(ref _registering);
        if (_closed || registering > MaximumWaitingAtAll)
        {
            Interlocked.Decrement(ref _registering);
            return !_closed;
        }
        Scheduler.PostLater(_ =>
        {
            Interlocked.Decrement(ref _registering);
            if (!_left)
                Handle(message, flow);
        }, null);
        return true;
    }

    private void Handle(SipMessage message, Flow flow)
    {
        if (flow is EdgeFlow phone)
        {
            phone.LeaveBy(Edges);
            if (message is SipRequest request && Authenticator.IsSilenced(request, phone))
                return;                                           // S3: silence, without a transaction
        }
        Ladders.Received(message, flow);
        _agents.Receive(message, flow);
    }

    /// <summary>Whether a message is an INVITE to one of the tenant's emergency numbers, or to an emergency service (RFC 5031): it is refused neither for overload nor for a ban (S36). Thread-safe.</summary>
    public bool IsEmergency(SipMessage message) => message is SipRequest request && request.Method == SipMethod.Invite
        && (request.RequestUri.EmergencyService is not null || Configuration.EmergencyNumbers.ContainsKey(Router.DialledString(request.RequestUri)));

    // REGISTER and what belongs to a dialog or a transaction is never refused: phones that are refused may stay offline.
    private static bool IsNewWork(SipMessage message) => message is SipRequest request && request.To.Tag is null
        && request.Method != SipMethod.Register && request.Method != SipMethod.Ack && request.Method != SipMethod.Cancel;

    // What was let in before, and is repeated for want of an answer, is no new work; what answers a challenge of ours was let in, too, but may wait no longer than its caller.
    private bool IsTooLate(SipMessage message) => IsNewWork(message)
        && _sojourn.IsTooLong(message.Headers.Has(SipHeaderName.ProxyAuthorization) || message.Headers.Has(SipHeaderName.Authorization))
        && !_agents.Transactions.Knows((SipRequest)message);

    // Without a transaction: a repeated request gets the same answer again, the ACK finds nothing.
    private void Refuse(SipMessage message, Flow flow)
    {
        if (!IsNewWork(message))
            return;
        SipRequest request = (SipRequest)message;
        SipResponse response = SipResponse.For(request, 503, null, _worker.Tokens.NewTag());
        response.Headers.Add(SipHeaderName.RetryAfter, RetryAfter.For(request));
        response.Headers.Add(SipHeaderName.Server, ServerName.Value);
        flow.TrySend(response);
    }
}
