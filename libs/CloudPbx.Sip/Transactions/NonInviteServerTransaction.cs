using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Transactions;

/// <summary>Runs the acts of <see cref="NonInviteServerMachine"/>.</summary>
internal sealed class NonInviteServerTransaction(TransactionLayer layer, SipRequest request, Flow flow) : ServerTransaction(layer, request, flow)
{
    private NonInviteServerState _state = NonInviteServerState.Trying;
    private TimerHandle _timerTrying;

    public override bool IsTerminated => _state == NonInviteServerState.Terminated;

    public override void Respond(SipResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        if (response.StatusCode is > 100 and < 200)
            throw new ArgumentException("The only provisional response to a non-INVITE is 100 (RFC 4320 §4.1).", nameof(response));
        Step(
            response.StatusCode switch
            {
                100 => NonInviteServerInput.Send100,
                408 => NonInviteServerInput.Send408,
                _ => NonInviteServerInput.SendFinal,
            },
            response);
    }

    internal override void Start() =>
        _timerTrying = Timers.Schedule(Values.NonInviteTrying, static me => Step(me, NonInviteServerInput.TimerTrying), this);

    internal override void ReceiveAgain() => Step(NonInviteServerInput.Request);

    private protected override void Terminate()
    {
        _state = NonInviteServerState.Terminated;
        _timerTrying.Cancel();
    }

    private static void Step(object? me, NonInviteServerInput input) => ((NonInviteServerTransaction)me!).Step(input);

    private void Step(NonInviteServerInput input, SipResponse? response = null)
    {
        (NonInviteServerState next, NonInviteServerAct act) = NonInviteServerMachine.Step(_state, input);
        _state = next;
        if (act.HasFlag(NonInviteServerAct.StopTimers))
            _timerTrying.Cancel();
        if (act.HasFlag(NonInviteServerAct.SendTrying))
            SendFirst(SipResponse.For(Request, 100));
        if (act.HasFlag(NonInviteServerAct.SendResponse))
            SendFirst(response!);
        if (act.HasFlag(NonInviteServerAct.ResendResponse) && LastResponse is not null)
        {
            Layer.Counters.CountResent();
            Send(LastResponse, static me => Step(me, NonInviteServerInput.TransportError));
        }
        if (act.HasFlag(NonInviteServerAct.StartJ))
            Layer.Settle(this, LastResponse, Flow.IsReliable ? TimeSpan.Zero : Values.Timeout);      // which does for all of them what Completed and timer J do
        if (_state == NonInviteServerState.Terminated)
            Layer.Remove(this);
        if (act.HasFlag(NonInviteServerAct.TellTransportError))
            TellUser(TransactionFault.TransportError);
    }

    private void SendFirst(SipResponse response)
    {
        LastResponse = response;
        Send(response, static me => Step(me, NonInviteServerInput.TransportError));
    }
}
