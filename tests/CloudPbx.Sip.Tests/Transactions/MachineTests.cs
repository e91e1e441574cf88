using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;

namespace CloudPbx.Sip.Tests.Transactions;

/// <summary>Every arm of the four tables, and that everything else is absorbed.</summary>
public class MachineTests
{
    [Fact]
    public void The_INVITE_client_follows_figure_5_and_RFC_6026() => Check<InviteClientState, InviteClientInput, InviteClientAct>(InviteClientMachine.Step, new()
    {
        [(InviteClientState.Calling, InviteClientInput.TimerA)] = (InviteClientState.Calling, InviteClientAct.ResendRequest | InviteClientAct.StartA),
        [(InviteClientState.Calling, InviteClientInput.TimerB)] = (InviteClientState.Terminated, InviteClientAct.StopTimers | InviteClientAct.TellTimeout),
        [(InviteClientState.Calling, InviteClientInput.Response1xx)] = (InviteClientState.Proceeding, InviteClientAct.StopTimers | InviteClientAct.PassResponse),
        [(InviteClientState.Calling, InviteClientInput.Response2xx)] =
            (InviteClientState.Accepted, InviteClientAct.StopTimers | InviteClientAct.PassResponse | InviteClientAct.StartM),
        [(InviteClientState.Calling, InviteClientInput.Response3xxTo6xx)] =
            (InviteClientState.Completed, InviteClientAct.StopTimers | InviteClientAct.SendAck | InviteClientAct.PassResponse | InviteClientAct.StartD),
        [(InviteClientState.Calling, InviteClientInput.TransportError)] =
            (InviteClientState.Terminated, InviteClientAct.StopTimers | InviteClientAct.TellTransportError),
        [(InviteClientState.Calling, InviteClientInput.Abandon)] = (InviteClientState.Terminated, InviteClientAct.StopTimers | InviteClientAct.TellTimeout),
        [(InviteClientState.Proceeding, InviteClientInput.Response1xx)] = (InviteClientState.Proceeding, InviteClientAct.PassResponse),
        [(InviteClientState.Proceeding, InviteClientInput.Response2xx)] = (InviteClientState.Accepted, InviteClientAct.PassResponse | InviteClientAct.StartM),
        [(InviteClientState.Proceeding, InviteClientInput.Response3xxTo6xx)] =
            (InviteClientState.Completed, InviteClientAct.SendAck | InviteClientAct.PassResponse | InviteClientAct.StartD),
        [(InviteClientState.Proceeding, InviteClientInput.Abandon)] = (InviteClientState.Terminated, InviteClientAct.StopTimers | InviteClientAct.TellTimeout),
        [(InviteClientState.Accepted, InviteClientInput.Response2xx)] = (InviteClientState.Accepted, InviteClientAct.PassResponse),
        [(InviteClientState.Accepted, InviteClientInput.TimerM)] = (InviteClientState.Terminated, InviteClientAct.None),
        [(InviteClientState.Completed, InviteClientInput.Response3xxTo6xx)] = (InviteClientState.Completed, InviteClientAct.SendAck),
        [(InviteClientState.Completed, InviteClientInput.TimerD)] = (InviteClientState.Terminated, InviteClientAct.None),
        [(InviteClientState.Completed, InviteClientInput.TransportError)] =
            (InviteClientState.Terminated, InviteClientAct.StopTimers | InviteClientAct.TellTransportError),
    });

    [Fact]
    public void The_non_INVITE_client_follows_figure_6() => Check<NonInviteClientState, NonInviteClientInput, NonInviteClientAct>(NonInviteClientMachine.Step, new()
    {
        [(NonInviteClientState.Trying, NonInviteClientInput.TimerE)] = (NonInviteClientState.Trying, NonInviteClientAct.ResendRequest | NonInviteClientAct.StartE),
        [(NonInviteClientState.Trying, NonInviteClientInput.TimerF)] = (NonInviteClientState.Terminated, NonInviteClientAct.StopTimers | NonInviteClientAct.TellTimeout),
        [(NonInviteClientState.Trying, NonInviteClientInput.TransportError)] =
            (NonInviteClientState.Terminated, NonInviteClientAct.StopTimers | NonInviteClientAct.TellTransportError),
        [(NonInviteClientState.Trying, NonInviteClientInput.Response1xx)] = (NonInviteClientState.Proceeding, NonInviteClientAct.PassResponse),
        [(NonInviteClientState.Trying, NonInviteClientInput.ResponseFinal)] =
            (NonInviteClientState.Completed, NonInviteClientAct.StopTimers | NonInviteClientAct.PassResponse | NonInviteClientAct.StartK),
        [(NonInviteClientState.Proceeding, NonInviteClientInput.TimerE)] =
            (NonInviteClientState.Proceeding, NonInviteClientAct.ResendRequest | NonInviteClientAct.StartEAtT2),
        [(NonInviteClientState.Proceeding, NonInviteClientInput.TimerF)] =
            (NonInviteClientState.Terminated, NonInviteClientAct.StopTimers | NonInviteClientAct.TellTimeout),
        [(NonInviteClientState.Proceeding, NonInviteClientInput.TransportError)] =
            (NonInviteClientState.Terminated, NonInviteClientAct.StopTimers | NonInviteClientAct.TellTransportError),
        [(NonInviteClientState.Proceeding, NonInviteClientInput.Response1xx)] = (NonInviteClientState.Proceeding, NonInviteClientAct.PassResponse),
        [(NonInviteClientState.Proceeding, NonInviteClientInput.ResponseFinal)] =
            (NonInviteClientState.Completed, NonInviteClientAct.StopTimers | NonInviteClientAct.PassResponse | NonInviteClientAct.StartK),
        [(NonInviteClientState.Completed, NonInviteClientInput.TimerK)] = (NonInviteClientState.Terminated, NonInviteClientAct.None),
    });

    [Fact]
    public void The_INVITE_server_follows_figure_7_and_RFC_6026() => Check<InviteServerState, InviteServerInput, InviteServerAct>(InviteServerMachine.Step, new()
    {
        [(InviteServerState.Proceeding, InviteServerInput.Invite)] = (InviteServerState.Proceeding, InviteServerAct.ResendResponse),
        [(InviteServerState.Proceeding, InviteServerInput.TimerTrying)] = (InviteServerState.Proceeding, InviteServerAct.SendTrying),
        [(InviteServerState.Proceeding, InviteServerInput.Send1xx)] = (InviteServerState.Proceeding, InviteServerAct.SendResponse),
        [(InviteServerState.Proceeding, InviteServerInput.Send2xx)] = (InviteServerState.Accepted, InviteServerAct.SendResponse | InviteServerAct.StartL),
        [(InviteServerState.Proceeding, InviteServerInput.Send3xxTo6xx)] =
            (InviteServerState.Completed, InviteServerAct.SendResponse | InviteServerAct.StartG | InviteServerAct.StartH),
        [(InviteServerState.Proceeding, InviteServerInput.TransportError)] = (InviteServerState.Proceeding, InviteServerAct.TellTransportError),
        [(InviteServerState.Accepted, InviteServerInput.Ack)] = (InviteServerState.Accepted, InviteServerAct.PassAck),
        [(InviteServerState.Accepted, InviteServerInput.Send2xx)] = (InviteServerState.Accepted, InviteServerAct.SendResponse),
        [(InviteServerState.Accepted, InviteServerInput.TimerL)] = (InviteServerState.Terminated, InviteServerAct.None),
        [(InviteServerState.Accepted, InviteServerInput.TransportError)] = (InviteServerState.Accepted, InviteServerAct.TellTransportError),
        [(InviteServerState.Completed, InviteServerInput.Invite)] = (InviteServerState.Completed, InviteServerAct.ResendResponse),
        [(InviteServerState.Completed, InviteServerInput.TimerG)] = (InviteServerState.Completed, InviteServerAct.ResendResponse | InviteServerAct.StartG),
        [(InviteServerState.Completed, InviteServerInput.Ack)] = (InviteServerState.Confirmed, InviteServerAct.StopTimers | InviteServerAct.StartI),
        [(InviteServerState.Completed, InviteServerInput.TimerH)] = (InviteServerState.Terminated, InviteServerAct.StopTimers | InviteServerAct.TellTimeout),
        [(InviteServerState.Completed, InviteServerInput.TransportError)] = (InviteServerState.Completed, InviteServerAct.TellTransportError),
        [(InviteServerState.Confirmed, InviteServerInput.TimerI)] = (InviteServerState.Terminated, InviteServerAct.None),
    });

    [Fact]
    public void The_non_INVITE_server_follows_figure_8_and_RFC_4320() => Check<NonInviteServerState, NonInviteServerInput, NonInviteServerAct>(NonInviteServerMachine.Step, new()
    {
        [(NonInviteServerState.Trying, NonInviteServerInput.TimerTrying)] = (NonInviteServerState.Proceeding, NonInviteServerAct.SendTrying),
        [(NonInviteServerState.Trying, NonInviteServerInput.Send100)] = (NonInviteServerState.Proceeding, NonInviteServerAct.SendResponse),
        [(NonInviteServerState.Trying, NonInviteServerInput.SendFinal)] =
            (NonInviteServerState.Completed, NonInviteServerAct.StopTimers | NonInviteServerAct.SendResponse | NonInviteServerAct.StartJ),
        [(NonInviteServerState.Trying, NonInviteServerInput.Send408)] = (NonInviteServerState.Terminated, NonInviteServerAct.StopTimers),
        [(NonInviteServerState.Trying, NonInviteServerInput.TransportError)] =
            (NonInviteServerState.Terminated, NonInviteServerAct.StopTimers | NonInviteServerAct.TellTransportError),
        [(NonInviteServerState.Proceeding, NonInviteServerInput.Request)] = (NonInviteServerState.Proceeding, NonInviteServerAct.ResendResponse),
        [(NonInviteServerState.Proceeding, NonInviteServerInput.Send100)] = (NonInviteServerState.Proceeding, NonInviteServerAct.SendResponse),
        [(NonInviteServerState.Proceeding, NonInviteServerInput.SendFinal)] =
            (NonInviteServerState.Completed, NonInviteServerAct.StopTimers | NonInviteServerAct.SendResponse | NonInviteServerAct.StartJ),
        [(NonInviteServerState.Proceeding, NonInviteServerInput.Send408)] = (NonInviteServerState.Terminated, NonInviteServerAct.StopTimers),
        [(NonInviteServerState.Proceeding, NonInviteServerInput.TransportError)] =
            (NonInviteServerState.Terminated, NonInviteServerAct.StopTimers | NonInviteServerAct.TellTransportError),
        [(NonInviteServerState.Completed, NonInviteServerInput.Request)] = (NonInviteServerState.Completed, NonInviteServerAct.ResendResponse),
        [(NonInviteServerState.Completed, NonInviteServerInput.TimerJ)] = (NonInviteServerState.Terminated, NonInviteServerAct.None),
        [(NonInviteServerState.Completed, NonInviteServerInput.TransportError)] =
            (NonInviteServerState.Terminated, NonInviteServerAct.StopTimers | NonInviteServerAct.TellTransportError),
    });

    [Fact]
    public void The_derived_timer_values_are_those_of_table_4()
    {
        SipTimers timers = SipTimers.Default;
        Assert.Equal(TimeSpan.FromSeconds(32), timers.Timeout);
        Assert.Equal(TimeSpan.FromSeconds(1), timers.NextInterval(timers.T1));
        Assert.Equal(timers.T2, timers.NextInterval(TimeSpan.FromSeconds(3)));
        Assert.Equal(TimeSpan.FromSeconds(3.5), timers.NonInviteTrying);
    }

    [Fact]
    public void Tokens_are_unlike_each_other_and_the_branch_has_the_cookie()
    {
        SipTokens tokens = SipTokens.Secure;
        Assert.StartsWith("z9hG4bK", tokens.NewBranch(), StringComparison.Ordinal);
        Assert.Equal(100, Enumerable.Range(0, 100).Select(_ => tokens.NewTag()).Distinct().Count());
        Assert.All(Enumerable.Range(0, 100), _ => Assert.InRange(tokens.NewCSeq(), 1u, 1u << 30));
    }

    private static void Check<TState, TInput, TAct>(
        Func<TState, TInput, (TState, TAct)> step, Dictionary<(TState, TInput), (TState, TAct)> figure)
        where TState : struct, Enum
        where TInput : struct, Enum
        where TAct : struct, Enum
    {
        foreach (TState state in Enum.GetValues<TState>())
        {
            foreach (TInput input in Enum.GetValues<TInput>())
                Assert.Equal(figure.GetValueOrDefault((state, input), (state, default)), step(state, input));
        }
    }
}
