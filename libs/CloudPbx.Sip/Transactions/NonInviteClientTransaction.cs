using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Transactions;

/// <summary>Runs the acts of <see cref="NonInviteClientMachine"/>.</summary>
internal sealed class NonInviteClientTransaction(
    TransactionLayer layer, SipRequest request, Flow flow, string branch,
    Action<ClientTransaction, SipResponse> onResponse, Action<ClientTransaction, TransactionFault> onFault)
    : ClientTransaction(layer, request, flow, branch, onResponse, onFault)
{
    private NonInviteClientState _state = NonInviteClientState.Trying;
    private TimeSpan _intervalE = layer.SipTimers.T1;
    private TimerHandle _timerE;
    private TimerHandle _timerF;

    public override bool IsTerminated => _state == NonInviteClientState.Terminated;

    internal override void Start()
    {
        SendRequest(static me => Step(me, NonInviteClientInput.TransportError));
        if (!Flow.IsReliable)
            _timerE = Timers.Schedule(_intervalE, static me => Step(me, NonInviteClientInput.TimerE), this);
        _timerF = Timers.Schedule(Values.Timeout, static me => Step(me, NonInviteClientInput.TimerF), this);
    }

    internal override void Receive(SipResponse response) =>
        Step(response.IsProvisional ? NonInviteClientInput.Response1xx : NonInviteClientInput.ResponseFinal, response);

    private static void Step(object? me, NonInviteClientInput input) => ((NonInviteClientTransaction)me!).Step(input);

    private void Step(NonInviteClientInput input, SipResponse? response = null)
    {
        (NonInviteClientState next, NonInviteClientAct act) = NonInviteClientMachine.Step(_state, input);
        _state = next;
        if (act.HasFlag(NonInviteClientAct.StopTimers))
        {
            _timerE.Cancel();
            _timerF.Cancel();
        }
        if (act.HasFlag(NonInviteClientAct.ResendRequest))
        {
            Layer.Counters.CountResent();
            SendRequest(static me => Step(me, NonInviteClientInput.TransportError));
        }
        if (act.HasFlag(NonInviteClientAct.StartE) || act.HasFlag(NonInviteClientAct.StartEAtT2))
        {
            _intervalE = act.HasFlag(NonInviteClientAct.StartEAtT2) ? Values.T2 : Values.NextInterval(_intervalE);
            _timerE = Timers.Schedule(_intervalE, static me => Step(me, NonInviteClientInput.TimerE), this);
        }
        if (act.HasFlag(NonInviteClientAct.StartK))
            Layer.Linger(this, Flow.IsReliable ? TimeSpan.Zero : Values.T4, static me => Step(me, NonInviteClientInput.TimerK));
        if (_state == NonInviteClientState.Terminated)
            Layer.Remove(this);
        if (act.HasFlag(NonInviteClientAct.PassResponse))
            PassToUser(response!);
        if (act.HasFlag(NonInviteClientAct.TellTimeout))
            TellUser(TransactionFault.Timeout);
        if (act.HasFlag(NonInviteClientAct.TellTransportError))
            TellUser(TransactionFault.TransportError);
        if (_state == NonInviteClientState.Completed)
            LeaveTo(null);
    }
}
