using CloudPbx.Contracts.Ids;

namespace CloudPbx.MediaControl;

/// <summary>
/// The door to a media node. SDP passes through the caller as text; the caller never sees a codec or a packet.
/// </summary>
/// <remarks>
/// Every command is idempotent. A node that is away, an offer that cannot be served or a leg that is not known is a result
/// (<see cref="LegDescription.Accepted"/> is false), never an exception; only <see cref="OperationCanceledException"/> is thrown.
/// A leg comes into being by <see cref="OfferAsync"/> or <see cref="ReceiveOfferAsync"/>. Its address, port, SSRC and SDES key stay
/// the same for its life, over hold, re-INVITE and re-bridging. Tasks complete asynchronously.
/// </remarks>
public interface IMediaNode
{
    /// <summary>Takes a session over without changing it: its reports come to this controller from now on. Any other command of it does the same.</summary>
    /// <param name="session">The call.</param>
    /// <param name="cancel">Ends the wait, not the command.</param>
    Task<AttachOutcome> AttachAsync(CallId session, CancellationToken cancel);

    /// <summary>Has what is asked of a session from now on go to another node: its own drains, or is gone. Its legs have to be made there anew (<see cref="RestoreAsync"/>).</summary>
    /// <param name="session">The call.</param>
    /// <param name="conference">The conference that it takes part in: all who do are on one node.</param>
    /// <param name="cancel">Ends the wait for a turn.</param>
    /// <returns>The move, to be disposed of when it is over; null where no other node can be used.</returns>
    Task<MediaMove?> MoveAsync(CallId session, ConferenceId? conference, CancellationToken cancel);

    /// <summary>Makes a leg that another node had: its next offer (<see cref="OfferAsync"/>) goes on where the other's ended, with its key, and an address and an SSRC of this node.</summary>
    /// <param name="leg">The leg. One that exists stays as it is, but counts the versions of its descriptions on from that state's where those are higher (RFC 3264 §8).</param>
    /// <param name="policy">Its policy.</param>
    /// <param name="state"><see cref="LegDescription.State"/> of the other node's last answer.</param>
    /// <param name="cancel">Ends the wait, not the command.</param>
    /// <returns>Whether there is such a leg now.</returns>
    Task<bool> RestoreAsync(LegId leg, LegPolicy policy, string state, CancellationToken cancel);

    /// <summary>Makes the local offer for an outgoing INVITE or re-INVITE (RFC 3264 §5, §8).</summary>
    /// <param name="leg">The leg that offers; made if it does not exist.</param>
    /// <param name="policy">What may be offered; it replaces the leg's policy.</param>
    /// <param name="like">The other party: its codecs go first, so that the call can be relayed. May be null.</param>
    /// <param name="cancel">Ends the wait, not the command.</param>
    /// <returns>The offer in <see cref="LegDescription.LocalSdp"/>.</returns>
    Task<LegDescription> OfferAsync(LegId leg, LegPolicy policy, LegId? like, CancellationToken cancel);

    /// <summary>Keeps the peer's offer and says whether it can be served; there is no answer yet (RFC 3264 §6).</summary>
    /// <param name="leg">The leg that got the offer; made if it does not exist.</param>
    /// <param name="policy">What may be accepted; it replaces the leg's policy.</param>
    /// <param name="remoteSdp">The body as it was received.</param>
    /// <param name="cancel">Ends the wait, not the command.</param>
    /// <returns>Refused when nothing in the offer can be served (488 to the peer); <see cref="LegDescription.LocalSdp"/> is null.</returns>
    Task<LegDescription> ReceiveOfferAsync(LegId leg, LegPolicy policy, string remoteSdp, CancellationToken cancel);

    /// <summary>Makes the local answer to the kept offer.</summary>
    /// <param name="leg">The leg whose offer is answered.</param>
    /// <param name="like">The other party: its codec is chosen first. May be null.</param>
    /// <param name="cancel">Ends the wait, not the command.</param>
    /// <returns>The answer in <see cref="LegDescription.LocalSdp"/>. Refused when the two legs would have no codec in common.</returns>
    Task<LegDescription> AnswerAsync(LegId leg, LegId? like, CancellationToken cancel);

    /// <summary>Takes the peer's answer to the last offer of this leg. A later answer to the same offer replaces an earlier one (forks, I48).</summary>
    /// <param name="leg">The leg that offered.</param>
    /// <param name="remoteSdp">The body as it was received.</param>
    /// <param name="cancel">Ends the wait, not the command.</param>
    /// <returns>What was agreed; <see cref="LegDescription.LocalSdp"/> is the offer it answers.</returns>
    Task<LegDescription> ReceiveAnswerAsync(LegId leg, string remoteSdp, CancellationToken cancel);

    /// <summary>Connects two legs of one session both ways. Each of them leaves what it did before (bridge, echo, tone).</summary>
    Task BridgeAsync(LegId a, LegId b, CancellationToken cancel);

    /// <summary>Connects them while the call is not answered yet: the caller hears a ringing tone until the callee's first packet (RFC 3960 §3.2), and nobody's silence is reported, until <see cref="BridgeAsync"/>.</summary>
    /// <param name="caller">The leg that waits for an answer.</param>
    /// <param name="callee">The leg whose early media it is to hear.</param>
    /// <param name="cancel">Ends the wait, not the command.</param>
    Task BridgeEarlyAsync(LegId caller, LegId callee, CancellationToken cancel);

    /// <summary>Separates a leg from its partner; both stay, silent.</summary>
    Task UnbridgeAsync(LegId a, CancellationToken cancel);

    /// <summary>Sends back to the leg what comes from it.</summary>
    Task EchoAsync(LegId leg, CancellationToken cancel);

    /// <summary>Plays a progress tone to the leg, and nothing else, until <see cref="StopAsync"/>, <see cref="BridgeAsync"/> or <see cref="EchoAsync"/>.</summary>
    Task PlayAsync(LegId leg, Tone tone, CancellationToken cancel);

    /// <summary>Plays sounds to the leg, over whatever it does: its partner or conference is not heard meanwhile. The same name again changes nothing.</summary>
    /// <returns>Whether it is so; false where there is no such sound, leg or node, or the leg's codec can only be passed on (what is played in a loop waits for another one). Its end is reported (<see cref="IMediaEvents.PromptEnded"/>).</returns>
    Task<bool> PromptAsync(LegId leg, PromptRequest prompt, CancellationToken cancel);

    /// <summary>Presses keys towards the leg's peer: telephone events (RFC 4733) where it takes them, else tones.</summary>
    Task SendDigitsAsync(LegId leg, string digits, CancellationToken cancel);

    /// <summary>Says that a session is to take part in a conference, best before its first leg is made: both must be on one node.</summary>
    /// <returns>Whether they are; false where the session stands on another node already.</returns>
    Task<bool> PlaceAsync(CallId session, ConferenceId conference, CancellationToken cancel);

    /// <summary>Says that a session is to be on the node of another, before its first leg is made: a leg of it is to supervise that one.</summary>
    Task PlaceBesideAsync(CallId session, CallId other, CancellationToken cancel);

    /// <summary>Has a leg take part in a conference, or changes how. It leaves by <see cref="UnbridgeAsync"/>, or by whatever else it is told to do.</summary>
    /// <returns>Whether it is so.</returns>
    Task<bool> JoinAsync(LegId leg, ConferencePlace place, CancellationToken cancel);

    /// <summary>Has a leg listen to a call of the same node, and speak into it, as long as that call's parties stay together.</summary>
    /// <param name="leg">The supervisor's.</param>
    /// <param name="party">The leg that is supervised, of another session; its partner is heard, too.</param>
    /// <param name="mode">Who hears the supervisor.</param>
    /// <param name="cancel">Ends the wait, not the command.</param>
    /// <returns>Null where it is so; else why not (<see cref="LegFaults"/>): the party talks with nobody, stands on another node, or speaks a codec that can only be passed on.</returns>
    Task<string?> SuperviseAsync(LegId leg, LegId party, SupervisionMode mode, CancellationToken cancel);

    /// <summary>Ends a tone, a prompt or an echo.</summary>
    Task StopAsync(LegId leg, CancellationToken cancel);

    /// <summary>Records a session, or changes how: its legs after a transfer, a pause. What each party says goes into its own channel, whatever becomes of it otherwise.</summary>
    /// <returns>Null where it is so; else why not (<see cref="LegFaults"/>): the node or a leg is away, or a party speaks a codec that can only be passed on.</returns>
    Task<string?> RecordAsync(RecordingRequest request, CancellationToken cancel);

    /// <summary>Ends a recording; it ends with its session, too.</summary>
    /// <returns>What became of it; asked again, the same.</returns>
    Task<RecordingFigures> EndRecordingAsync(CallId session, RecordingId recording, CancellationToken cancel);

    /// <summary>Ends a leg and frees its ports; the session ends with its last leg.</summary>
    /// <returns>The leg's figures; all zero when the leg is not known or the node is away.</returns>
    Task<LegStatistics> RemoveAsync(LegId leg, CancellationToken cancel);
}
