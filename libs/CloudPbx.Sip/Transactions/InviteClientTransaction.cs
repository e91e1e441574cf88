using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Transactions;

/// <summary>Runs the acts of <see cref="InviteClientMachine"/>.</summary>
internal sealed class InviteClientTransaction(
    TransactionLayer layer, SipRequest request, Flow flow, string branch,
    Action<ClientTransaction, SipResponse> onResponse, Action<ClientTransaction, TransactionFault> onFault)
    : ClientTransaction(layer, request, flow, branch, onResponse, onFault)
{
    private InviteClientState _state = InviteClientState.Calling;
    private TimeSpan _intervalA = layer.SipTimers.T1;
    private TimerHandle _timerA;
    private TimerHandle _timerB;
    private SipRequest? _ack;

    public override bool IsTerminated => _state == InviteClientState.Terminated;

    public override void Abandon() => Step(InviteClientInput.Abandon);

    internal override void Start()
    {
        SendRequest(static me => Step(me, InviteClientInput.TransportError));
        if (!Flow.IsReliable)
            _timerA = Timers.Schedule(_intervalA, static me => Step(me, InviteClientInput.TimerA), this);
        _timerB = Timers.Schedule(Values.Timeout, static me => Step(me, InviteClientInput.TimerB), this);
    }

    /// <summary>Goes on where another owner of the transaction was.</summary>
    internal void Resume(bool isProceeding)
    {
        if (isProceeding)
            _state = InviteClientState.Proceeding;
        else if (Flow.IsReliable)
            _timerB = Timers.Schedule(Values.Timeout, static me => Step(me, InviteClientInput.TimerB), this);
        else
            Start();
    }

    internal override void Receive(SipResponse response) => Step(
        response.StatusCode switch
        {
            < 200 => InviteClientInput.Response1xx,
            < 300 => InviteClientInput.Response2xx,
            _ => InviteClientInput.Response3xxTo6xx,
        },
        response);

    private static void Step(object? me, InviteClientInput input) => ((InviteClientTransaction)me!).Step(input);

    private void Step(InviteClientInput input, SipResponse? response = null)
    {
        (InviteClientState next, InviteClientAct act) = InviteClientMachine.Step(_state, input);
        _state = next;
        if (act.HasFlag(InviteClientAct.StopTimers))
        {
            _timerA.Cancel();
            _timerB.Cancel();
        }
        if (act.HasFlag(InviteClientAct.ResendRequest))
        {
            Layer.Counters.CountResent();
            SendRequest(static me => Step(me, InviteClientInput.TransportError));
        }
        if (act.HasFlag(InviteClientAct.SendAck))
        {
            _ack ??= CreateAck(response!);
            if (!Flow.TrySend(_ack))
                Timers.Schedule(TimeSpan.Zero, static me => Step(me, InviteClientInput.TransportError), this);
        }
        if (act.HasFlag(InviteClientAct.StartA))
        {
            _intervalA *= 2;                             // §17.1.1.2: doubles without limit, B ends it
            _timerA = Timers.Schedule(_intervalA, static me => Step(me, InviteClientInput.TimerA), this);
        }
        if (act.HasFlag(InviteClientAct.StartD))
            Layer.Linger(this, Flow.IsReliable ? TimeSpan.Zero : Values.D, static me => Step(me, InviteClientInput.TimerD));
        if (act.HasFlag(InviteClientAct.StartM))
            Layer.Linger(this, Values.Timeout, static me => Step(me, InviteClientInput.TimerM));
        if (_state == InviteClientState.Terminated)
            Layer.Remove(this);
        if (act.HasFlag(InviteClientAct.PassResponse))
            PassToUser(response!);
        if (act.HasFlag(InviteClientAct.TellTimeout))
            TellUser(TransactionFault.Timeout);
        if (act.HasFlag(InviteClientAct.TellTransportError))
            TellUser(TransactionFault.TransportError);
    }

    /// <summary>The ACK to a failure (RFC 3261 §17.1.1.3): same branch, To of the response, Route of the INVITE.</summary>
    private SipRequest CreateAck(SipResponse response)
    {
        SipRequest ack = new(SipMethod.Ack, Request.RequestUri);
        ack.Headers.Add(SipHeaderName.Via, Request.TopVia.ToString());
        ack.Headers.CopyFrom(Request.Headers, SipHeaderName.Route);
        ack.Headers.Add(SipHeaderName.MaxForwards, "70");
        ack.Headers.CopyFrom(Request.Headers, SipHeaderName.From);
        ack.Headers.CopyFrom(response.Headers, SipHeaderName.To);
        ack.Headers.CopyFrom(Request.Headers, SipHeaderName.CallId);
        ack.Headers.Add(SipHeaderName.CSeq, new CSeq(Request.CSeq.Number, SipMethod.Ack).ToString());
        return ack;
    }
}
