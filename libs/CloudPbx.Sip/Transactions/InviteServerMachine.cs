using static CloudPbx.Sip.Transactions.InviteServerAct;
using static CloudPbx.Sip.Transactions.InviteServerInput;
using static CloudPbx.Sip.Transactions.InviteServerState;

namespace CloudPbx.Sip.Transactions;

/// <summary>The INVITE server transaction as a pure table, to be laid beside RFC 3261 figure 7 and RFC 6026 §7.1.</summary>
internal static class InviteServerMachine
{
    /// <summary>Transitions of the INVITE server transaction (RFC 3261 figure 7 as amended by RFC 6026 §7.1).</summary>
    internal static (InviteServerState Next, InviteServerAct Do) Step(InviteServerState state, InviteServerInput input) =>
        (state, input) switch
        {
            (Proceeding, Invite)         => (Proceeding, ResendResponse),
            (Proceeding, TimerTrying)    => (Proceeding, SendTrying),                            // §17.2.1: 200 ms without a response
            (Proceeding, Send1xx)        => (Proceeding, SendResponse),
            (Proceeding, Send2xx)        => (Accepted,   SendResponse | StartL),
            (Proceeding, Send3xxTo6xx)   => (Completed,  SendResponse | StartG | StartH),        // G: unreliable transports only
            (Accepted,   Ack)            => (Accepted,   PassAck),
            (Accepted,   Send2xx)        => (Accepted,   SendResponse),                          // the user core retransmits its 2xx
            (Accepted,   TimerL)         => (Terminated, None),
            (Completed,  Invite)         => (Completed,  ResendResponse),
            (Completed,  TimerG)         => (Completed,  ResendResponse | StartG),
            (Completed,  Ack)            => (Confirmed,  StopTimers | StartI),
            (Completed,  TimerH)         => (Terminated, StopTimers | TellTimeout),              // no ACK came
            (Confirmed,  TimerI)         => (Terminated, None),
            (Proceeding or Accepted or Completed, TransportError) => (state, TellTransportError),
            _                            => (state,      None),                                  // absorbed
        };
}

/// <summary>States of RFC 3261 figure 7; Accepted is from RFC 6026.</summary>
internal enum InviteServerState
{
    Proceeding,
    Accepted,
    Completed,
    Confirmed,
    Terminated,
}

/// <summary>What can happen to an INVITE server transaction.</summary>
internal enum InviteServerInput
{
    Invite,
    Ack,
    Send1xx,
    Send2xx,
    Send3xxTo6xx,
    TimerTrying,
    TimerG,
    TimerH,
    TimerI,
    TimerL,
    TransportError,
}

/// <summary>What the transaction object has to do, in the order of the members.</summary>
[Flags]
internal enum InviteServerAct
{
    None = 0,
    StopTimers = 1,
    SendTrying = 2,
    SendResponse = 4,
    ResendResponse = 8,
    StartG = 16,
    StartH = 32,
    StartI = 64,
    StartL = 128,
    PassAck = 256,
    TellTimeout = 512,
    TellTransportError = 1024,
}
