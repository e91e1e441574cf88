using static CloudPbx.Sip.Transactions.NonInviteServerAct;
using static CloudPbx.Sip.Transactions.NonInviteServerInput;
using static CloudPbx.Sip.Transactions.NonInviteServerState;

namespace CloudPbx.Sip.Transactions;

/// <summary>The non-INVITE server transaction as a pure table, to be laid beside RFC 3261 figure 8 and RFC 4320 §4.</summary>
internal static class NonInviteServerMachine
{
    /// <summary>Transitions of the non-INVITE server transaction (RFC 3261 §17.2.2, figure 8, as amended by RFC 4320 §4).</summary>
    internal static (NonInviteServerState Next, NonInviteServerAct Do) Step(NonInviteServerState state, NonInviteServerInput input) =>
        (state, input) switch
        {
            (Trying,     TimerTrying)                    => (Proceeding, SendTrying),            // RFC 4320 §4.1: once the client's timer E is at T2
            (Proceeding, Request)                        => (Proceeding, ResendResponse),
            (Trying or Proceeding, Send100)              => (Proceeding, SendResponse),
            (Trying or Proceeding, SendFinal)            => (Completed,  StopTimers | SendResponse | StartJ),
            (Trying or Proceeding, Send408)              => (Terminated, StopTimers),            // RFC 4320 §4.2: a 408 would come too late for all
            (Completed,  Request)                        => (Completed,  ResendResponse),
            (Completed,  TimerJ)                         => (Terminated, None),
            (Trying or Proceeding or Completed, TransportError) => (Terminated, StopTimers | TellTransportError),
            _                                            => (state,      None),                  // absorbed
        };
}

/// <summary>States of RFC 3261 figure 8.</summary>
internal enum NonInviteServerState
{
    Trying,
    Proceeding,
    Completed,
    Terminated,
}

/// <summary>What can happen to a non-INVITE server transaction.</summary>
internal enum NonInviteServerInput
{
    Request,
    Send100,
    SendFinal,
    Send408,
    TimerTrying,
    TimerJ,
    TransportError,
}

/// <summary>What the transaction object has to do, in the order of the members.</summary>
[Flags]
internal enum NonInviteServerAct
{
    None = 0,
    StopTimers = 1,
    SendTrying = 2,
    SendResponse = 4,
    ResendResponse = 8,
    StartJ = 16,
    TellTransportError = 32,
}
