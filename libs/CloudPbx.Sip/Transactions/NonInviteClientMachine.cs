using static CloudPbx.Sip.Transactions.NonInviteClientAct;
using static CloudPbx.Sip.Transactions.NonInviteClientInput;
using static CloudPbx.Sip.Transactions.NonInviteClientState;

namespace CloudPbx.Sip.Transactions;

/// <summary>The non-INVITE client transaction as a pure table, to be laid beside RFC 3261 figure 6.</summary>
internal static class NonInviteClientMachine
{
    /// <summary>Transitions of the non-INVITE client transaction (RFC 3261 §17.1.2.2, figure 6).</summary>
    internal static (NonInviteClientState Next, NonInviteClientAct Do) Step(NonInviteClientState state, NonInviteClientInput input) =>
        (state, input) switch
        {
            (Trying,     TimerE)                         => (Trying,     ResendRequest | StartE),        // doubles up to T2
            (Proceeding, TimerE)                         => (Proceeding, ResendRequest | StartEAtT2),
            (Trying or Proceeding, TimerF)               => (Terminated, StopTimers | TellTimeout),
            (Trying or Proceeding, TransportError)       => (Terminated, StopTimers | TellTransportError),
            (Trying or Proceeding, Response1xx)          => (Proceeding, PassResponse),
            (Trying or Proceeding, ResponseFinal)        => (Completed,  StopTimers | PassResponse | StartK),
            (Completed,  TimerK)                         => (Terminated, None),
            _                                            => (state,      None),                          // absorbed
        };
}

/// <summary>States of RFC 3261 figure 6.</summary>
internal enum NonInviteClientState
{
    Trying,
    Proceeding,
    Completed,
    Terminated,
}

/// <summary>What can happen to a non-INVITE client transaction.</summary>
internal enum NonInviteClientInput
{
    TimerE,
    TimerF,
    TimerK,
    Response1xx,
    ResponseFinal,
    TransportError,
}

/// <summary>What the transaction object has to do, in the order of the members.</summary>
[Flags]
internal enum NonInviteClientAct
{
    None = 0,
    StopTimers = 1,
    ResendRequest = 2,
    StartE = 4,
    StartEAtT2 = 8,
    StartK = 16,
    PassResponse = 32,
    TellTimeout = 64,
    TellTransportError = 128,
}
