using static CloudPbx.Sip.Transactions.InviteClientAct;
using static CloudPbx.Sip.Transactions.InviteClientInput;
using static CloudPbx.Sip.Transactions.InviteClientState;

namespace CloudPbx.Sip.Transactions;

/// <summary>The INVITE client transaction as a pure table, to be laid beside RFC 3261 figure 5 and RFC 6026 §7.2.</summary>
internal static class InviteClientMachine
{
    /// <summary>Transitions of the INVITE client transaction (RFC 3261 §17.1.1.2, figure 5, as amended by RFC 6026 §7.2).</summary>
    internal static (InviteClientState Next, InviteClientAct Do) Step(InviteClientState state, InviteClientInput input) =>
        (state, input) switch
        {
            (Calling,    TimerA)               => (Calling,    ResendRequest | StartA),        // A: unreliable transports only
            (Calling,    TimerB)               => (Terminated, StopTimers | TellTimeout),
            (Calling,    Response1xx)          => (Proceeding, StopTimers | PassResponse),
            (Calling,    Response2xx)          => (Accepted,   StopTimers | PassResponse | StartM),
            (Calling,    Response3xxTo6xx)     => (Completed,  StopTimers | SendAck | PassResponse | StartD),
            (Proceeding, Response1xx)          => (Proceeding, PassResponse),
            (Proceeding, Response2xx)          => (Accepted,   PassResponse | StartM),
            (Proceeding, Response3xxTo6xx)     => (Completed,  SendAck | PassResponse | StartD),
            (Accepted,   Response2xx)          => (Accepted,   PassResponse),                  // repeated, or of another fork
            (Accepted,   TimerM)               => (Terminated, None),
            (Completed,  Response3xxTo6xx)     => (Completed,  SendAck),
            (Completed,  TimerD)               => (Terminated, None),
            (Calling or Completed, TransportError) => (Terminated, StopTimers | TellTransportError),
            (Calling or Proceeding, Abandon)   => (Terminated, StopTimers | TellTimeout),      // §9.1: no final response 64·T1 after CANCEL
            _                                  => (state,      None),                          // absorbed
        };
}

/// <summary>States of RFC 3261 figure 5; Accepted is from RFC 6026.</summary>
internal enum InviteClientState
{
    Calling,
    Proceeding,
    Accepted,
    Completed,
    Terminated,
}

/// <summary>What can happen to an INVITE client transaction.</summary>
internal enum InviteClientInput
{
    TimerA,
    TimerB,
    TimerD,
    TimerM,
    Response1xx,
    Response2xx,
    Response3xxTo6xx,
    TransportError,
    Abandon,
}

/// <summary>What the transaction object has to do, in the order of the members.</summary>
[Flags]
internal enum InviteClientAct
{
    None = 0,
    StopTimers = 1,
    ResendRequest = 2,
    SendAck = 4,
    StartA = 8,
    StartD = 16,
    StartM = 32,
    PassResponse = 64,
    TellTimeout = 128,
    TellTransportError = 256,
}
