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

    /// <summary>Plays a progress tone to the leg until <see cref="StopAsync"/>, <see cref="BridgeAsync"/> or <see cref="EchoAsync"/>.</summary>
    Task PlayAsync(LegId leg, Tone tone, CancellationToken cancel);

    /// <summary>Ends a tone or an echo.</summary>
    Task StopAsync(LegId leg, CancellationToken cancel);

    /// <summary>Records a session, or changes how: its legs after a transfer, a pause. What each party says goes into its own channel, whatever becomes of it otherwise.</summary>
    /// <returns>Whether it is so; false when the node or a leg is away.</returns>
    Task<bool> RecordAsync(RecordingRequest request, CancellationToken cancel);

    /// <summary>Ends a recording; it ends with its session, too.</summary>
    /// <returns>What became of it; asked again, the same.</returns>
    Task<RecordingFigures> EndRecordingAsync(CallId session, RecordingId recording, CancellationToken cancel);

    /// <summary>Ends a leg and frees its ports; the session ends with its last leg.</summary>
    /// <returns>The leg's figures; all zero when the leg is not known or the node is away.</returns>
    Task<LegStatistics> RemoveAsync(LegId leg, CancellationToken cancel);
}
