using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Transactions;

/// <summary>Runs the acts of <see cref="InviteServerMachine"/>.</summary>
internal sealed class InviteServerTransaction(TransactionLayer layer, SipRequest request, Flow flow) : ServerTransaction(layer, request, flow)
{
    private InviteServerState _state = InviteServerState.Proceeding;
    private TimeSpan _intervalG = layer.SipTimers.T1;
    private TimerHandle _timerTrying;
    private TimerHandle _timerG;
    private TimerHandle _timerH;
    private Lingering.Wait? _timerL;

    public override bool IsTerminated => _state == InviteServerState.Terminated;

    public override void Respond(SipResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        Step(
            response.StatusCode switch
            {
                < 200 => InviteServerInput.Send1xx,
                < 300 => InviteServerInput.Send2xx,
                _ => InviteServerInput.Send3xxTo6xx,
            },
            response);
    }

    internal override void Start() => _timerTrying = Timers.Schedule(Values.Trying, static me => Step(me, InviteServerInput.TimerTrying), this);

    /// <summary>Goes on where another owner of the transaction was; nothing is sent.</summary>
    internal void Resume(SipResponse? last)
    {
        LastResponse = last;
        if (last is null)
            Start();
        if (last is not { IsSuccess: true })
            return;
        _state = InviteServerState.Accepted;
        StartL();
    }

    internal override void ReceiveAgain() => Step(InviteServerInput.Invite);

    internal override void ReceiveAck(SipRequest ack) => Step(InviteServerInput.Ack, ack: ack);

    internal override void Acknowledged()
    {
        if (_state != InviteServerState.Accepted)
            return;
        _timerL?.Forget();
        Layer.Settle(this, null, Values.Timeout);        // what is left of Accepted and timer L
    }

    private protected override void Terminate()
    {
        _state = InviteServerState.Terminated;
        _timerTrying.Cancel();
        _timerG.Cancel();
        _timerH.Cancel();
    }

    private static void Step(object? me, InviteServerInput input) => ((InviteServerTransaction)me!).Step(input);

    private void Step(InviteServerInput input, SipResponse? response = null, SipRequest? ack = null)
    {
        (InviteServerState next, InviteServerAct act) = InviteServerMachine.Step(_state, input);
        _state = next;
        if (act.HasFlag(InviteServerAct.StopTimers))
        {
            _timerG.Cancel();
            _timerH.Cancel();
        }
        if (act.HasFlag(InviteServerAct.SendTrying) && LastResponse is null)
            SendFirst(SipResponse.For(Request, 100));    // In a dialog the request's own To tag is copied (Polycom wants it, I26).
        if (act.HasFlag(InviteServerAct.SendResponse))
        {
            _timerTrying.Cancel();
            SendFirst(response!);
        }
        if (act.HasFlag(InviteServerAct.ResendResponse) && LastResponse is not null)
        {
            Layer.Counters.CountResent();
            Send(LastResponse, static me => Step(me, InviteServerInput.TransportError));
        }
        if (act.HasFlag(InviteServerAct.StartG) && !Flow.IsReliable)
        {
            _timerG = Timers.Schedule(_intervalG, static me => Step(me, InviteServerInput.TimerG), this);
            _intervalG = Values.NextInterval(_intervalG);
        }
        if (act.HasFlag(InviteServerAct.StartH))
            _timerH = Timers.Schedule(Values.Timeout, static me => Step(me, InviteServerInput.TimerH), this);
        if (act.HasFlag(InviteServerAct.StartI))
            Layer.Lingering.Add(Flow.IsReliable ? TimeSpan.Zero : Values.T4, static me => Step(me, InviteServerInput.TimerI), this);
        if (act.HasFlag(InviteServerAct.StartL))
            StartL();
        if (_state == InviteServerState.Terminated)
            Layer.Remove(this);
        if (act.HasFlag(InviteServerAct.PassAck))
            Layer.PassAck(ack!, Flow);
        if (act.HasFlag(InviteServerAct.TellTimeout))
            TellUser(TransactionFault.Timeout);
        if (act.HasFlag(InviteServerAct.TellTransportError))
            TellUser(TransactionFault.TransportError);
    }

    private void StartL() => _timerL = Layer.Lingering.Add(Values.Timeout, static me => Step(me, InviteServerInput.TimerL), this);

    private void SendFirst(SipResponse response)
    {
        LastResponse = response;
        Send(response, static me => Step(me, InviteServerInput.TransportError));
    }
}
