using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Sessions;
using CloudPbx.MediaControl;
using CloudPbx.MediaControl.Wire;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Control;

/// <summary>Carries out commands. Each answers with one event; a command that makes no sense is refused, nothing throws.</summary>
internal sealed class CommandHandler(MediaNode node)
{
    /// <summary>The longest session description that is read.</summary>
    private const int MaxSdpLength = 64 * 1024;

    /// <summary>Carries out one command of a controller.</summary>
    public async ValueTask<Event> HandleAsync(Controller controller, Command command)
    {
        if (command.ActionCase == Command.ActionOneofCase.Attach)
            return Attach(controller, command);
        if (command.ActionCase == Command.ActionOneofCase.Record)
            return Record(controller, command);
        if (command.ActionCase == Command.ActionOneofCase.EndRecording)
            return new Event { Correlation = command.Correlation, Recorded = (await EndRecordingAsync(controller, command)).ToWire() };
        if (command.ActionCase == Command.ActionOneofCase.Supervise)
            return Supervise(controller, command);
        if (!TryParseLeg(command, out LegId leg))
            return Refuse(command, LegFaults.BadCommand);
        if (command.ActionCase == Command.ActionOneofCase.Remove)
            return new Event { Correlation = command.Correlation, Statistics = (await RemoveAsync(controller, command, leg)).ToWire() };
        bool describes = Describes(command);
        string? fault = Act(controller, command, leg, out LegDescription? description);
        if (describes)
            return new Event { Correlation = command.Correlation, Description = (description ?? LegDescription.Refused(fault ?? LegFaults.BadCommand)).ToWire() };
        return fault is null ? new Event { Correlation = command.Correlation, Done = new Done() } : Refuse(command, fault);
    }

    private static bool TryParseLeg(Command command, out LegId leg) => WireMapping.TryParse(
        command.ActionCase switch
        {
            Command.ActionOneofCase.Offer => command.Offer.Leg,
            Command.ActionOneofCase.Restore => command.Restore.Leg,
            Command.ActionOneofCase.ReceiveOffer => command.ReceiveOffer.Leg,
            Command.ActionOneofCase.Answer => command.Answer.Leg,
            Command.ActionOneofCase.ReceiveAnswer => command.ReceiveAnswer.Leg,
            Command.ActionOneofCase.Bridge => command.Bridge.A,
            Command.ActionOneofCase.Unbridge => command.Unbridge.Leg,
            Command.ActionOneofCase.Echo => command.Echo.Leg,
            Command.ActionOneofCase.Play => command.Play.Leg,
            Command.ActionOneofCase.Stop => command.Stop.Leg,
            Command.ActionOneofCase.Prompt => command.Prompt.Leg,
            Command.ActionOneofCase.SendDigits => command.SendDigits.Leg,
            Command.ActionOneofCase.Join => command.Join.Leg,
            Command.ActionOneofCase.Remove => command.Remove.Leg,
            _ => null,
        },
        out leg);

    private static bool Describes(Command command) => command.ActionCase is
        Command.ActionOneofCase.Offer or Command.ActionOneofCase.ReceiveOffer or Command.ActionOneofCase.Answer or Command.ActionOneofCase.ReceiveAnswer;

    private static Event Refuse(Command command, string fault) => new() { Correlation = command.Correlation, Done = new Done { Fault = fault } };

    private Event Attach(Controller controller, Command command)
    {
        if (!CallId.TryParse(command.Attach.Session, out CallId id) || node.Find(id) is not { } session)
            return Refuse(command, LegFaults.UnknownLeg);
        lock (session.Gate)
            return session.Admit(controller, command.Epoch) ? new Event { Correlation = command.Correlation, Done = new Done() } : Refuse(command, LegFaults.StaleEpoch);
    }

    private Event Record(Controller controller, Command command)
    {
        if (command.Record.ToDomain() is not { } request)
            return Refuse(command, LegFaults.BadCommand);
        if (node.Find(request.Session) is not { } session)
            return Refuse(command, LegFaults.UnknownLeg);
        lock (session.Gate)
        {
            if (!session.Admit(controller, command.Epoch))
                return Refuse(command, LegFaults.StaleEpoch);
            MediaLeg? right = request.Right is { } number ? session.Find(number) : null;
            if (session.Find(request.Left) is not { } left || (request.Right is not null && right is null))
                return Refuse(command, LegFaults.UnknownLeg);
            // One that runs is paused, goes on and moves whatever is spoken: S34, a card's number is not to be in it.
            if (!session.Recordings.Has(request.Recording) && MediaLeg.DeafnessOf(left, right) is { } fault)
                return Refuse(command, fault);
            session.Recordings.Set(node.Recorder, request, left, right);
            return new Event { Correlation = command.Correlation, Done = new Done() };
        }
    }

    private Event Supervise(Controller controller, Command command)
    {
        if (!WireMapping.TryParse(command.Supervise.Leg, out LegId leg) || !WireMapping.TryParse(command.Supervise.Party, out LegId party) || leg.Session == party.Session)
            return Refuse(command, LegFaults.BadCommand);
        if (node.Find(leg.Session) is not { } own || node.Find(party.Session) is not { } other)
            return Refuse(command, LegFaults.UnknownLeg);
        // Always in the same order: two supervisors of each other's calls must not wait for each other.
        (MediaSession first, MediaSession second) = leg.Session.Value.CompareTo(party.Session.Value) < 0 ? (own, other) : (other, own);
        lock (first.Gate)
        {
            lock (second.Gate)
            {
                if (!own.Admit(controller, command.Epoch) || !other.Admit(controller, command.Epoch))
                    return Refuse(command, LegFaults.StaleEpoch);
                string? fault = own.Find(leg.Leg) is { } supervisor && other.Find(party.Leg) is { } supervised
                    ? supervisor.Supervise(supervised, (SupervisionMode)command.Supervise.Mode)
                    : LegFaults.UnknownLeg;
                return fault is null ? new Event { Correlation = command.Correlation, Done = new Done() } : Refuse(command, fault);
            }
        }
    }

    private async Task<RecordingFigures> EndRecordingAsync(Controller controller, Command command)
    {
        if (!CallId.TryParse(command.EndRecording.Session, out CallId id) || !RecordingId.TryParse(command.EndRecording.Recording, out RecordingId recording))
            return RecordingFigures.None;
        MediaSession? session = node.Find(id);
        if (session is not null)
        {
            lock (session.Gate)
            {
                if (!session.Admit(controller, command.Epoch))
                    return RecordingFigures.None;
            }
        }
        return await node.EndRecordingAsync(session, recording);
    }

    private async Task<LegStatistics> RemoveAsync(Controller controller, Command command, LegId leg)
    {
        if (node.Find(leg.Session) is not { } session)
            return node.FiguresOf(leg);
        lock (session.Gate)
        {
            if (!session.Admit(controller, command.Epoch))
                return LegStatistics.None;
        }
        return await node.RemoveLegAsync(session, leg);
    }

    private string? Act(Controller controller, Command command, LegId leg, out LegDescription? description)
    {
        description = null;
        while (true)
        {
            bool makes = command.ActionCase is Command.ActionOneofCase.Offer or Command.ActionOneofCase.ReceiveOffer or Command.ActionOneofCase.Restore;
            MediaSession? session = makes ? node.GetOrAdd(leg.Session) : node.Find(leg.Session);
            if (session is null)
                return LegFaults.UnknownLeg;
            lock (session.Gate)
            {
                if (session.Ended)
                    continue; // it ended just now; the table has forgotten it or will at once
                if (!session.Admit(controller, command.Epoch))
                    return LegFaults.StaleEpoch;
                return ActInside(session, command, leg, out description);
            }
        }
    }

    private string? ActInside(MediaSession session, Command command, LegId id, out LegDescription? description)
    {
        description = null;
        MediaLeg? leg = session.Find(id.Leg);
        SessionDescription? offer = command.ActionCase == Command.ActionOneofCase.ReceiveOffer ? ReadOffer(command.ReceiveOffer.RemoteSdp) : null;
        LegState? former = command.ActionCase == Command.ActionOneofCase.Restore ? LegState.TryRead(command.Restore.State) : null;
        if (command.ActionCase is Command.ActionOneofCase.Offer or Command.ActionOneofCase.ReceiveOffer or Command.ActionOneofCase.Restore)
        {
            LegPolicy policy = command.ActionCase switch
            {
                Command.ActionOneofCase.Offer => command.Offer.Policy.ToDomain(),
                Command.ActionOneofCase.ReceiveOffer => command.ReceiveOffer.Policy.ToDomain(),
                _ => command.Restore.Policy.ToDomain(),
            };
            if (former is not null)
                leg?.Negotiation.CountOnFrom(former);
            leg ??= node.CreateLeg(session, id, policy, offer, former);
            if (leg is null)
            {
                if (session.IsEmpty)
                    node.Discard(session);
                return LegFaults.NoFreePort;
            }
            leg.Negotiation.Policy = policy;
        }
        if (leg is null)
            return LegFaults.UnknownLeg;
        switch (command.ActionCase)
        {
            case Command.ActionOneofCase.Restore:
                break;                                            // it stands; a state that is none of ours makes it as a new one
            case Command.ActionOneofCase.Offer:
                description = leg.Negotiation.Offer(Like(session, command.Offer.Like));
                break;
            case Command.ActionOneofCase.ReceiveOffer:
                description = leg.Negotiation.ReceiveOffer(offer, leg.Partner?.Negotiation);
                break;
            case Command.ActionOneofCase.Answer:
                description = leg.Answer(Like(session, command.Answer.Like));
                break;
            case Command.ActionOneofCase.ReceiveAnswer:
                description = TooLong(command.ReceiveAnswer.RemoteSdp) ?? leg.Negotiation.ReceiveAnswer(command.ReceiveAnswer.RemoteSdp);
                break;
            case Command.ActionOneofCase.Bridge:
                if (!WireMapping.TryParse(command.Bridge.B, out LegId other) || other.Session != id.Session || other == id)
                    return LegFaults.BadCommand;
                if (session.Find(other.Leg) is not { } partner)
                    return LegFaults.UnknownLeg;
                leg.Bridge(partner, command.Bridge.Early);
                break;
            case Command.ActionOneofCase.Unbridge:
                leg.Leave();
                break;
            case Command.ActionOneofCase.Echo:
                leg.Echo();
                break;
            case Command.ActionOneofCase.Play:
                leg.Play((Tone)command.Play.Tone);
                break;
            case Command.ActionOneofCase.Stop:
                leg.StopPlaying();
                break;
            case Command.ActionOneofCase.Prompt:
                return command.Prompt.ToDomain() is { } prompt ? leg.Prompt(prompt) : LegFaults.BadCommand;
            case Command.ActionOneofCase.SendDigits:
                leg.SendDigits(command.SendDigits.Digits);
                break;
            case Command.ActionOneofCase.Join:
                if (!ConferenceId.TryParse(command.Join.Conference, out ConferenceId conference))
                    return LegFaults.BadCommand;
                if (leg.Negotiation.Deafness is { } deafness)
                    return deafness;
                leg.Join(conference.Value, command.Join.Muted, command.Join.Signals);
                break;
            default:
                return LegFaults.BadCommand;
        }
        if (description is { Accepted: true } && command.ActionCase is Command.ActionOneofCase.Answer or Command.ActionOneofCase.ReceiveAnswer)
            leg.ApplyAgreed();
        return null;
    }

    private static LegDescription? TooLong(string sdp) => sdp.Length > MaxSdpLength ? LegDescription.Refused(LegFaults.MalformedSdp) : null;

    private static SessionDescription? ReadOffer(string sdp) =>
        TooLong(sdp) is null && SessionDescription.TryParse(sdp.AsSpan(), out SessionDescription? offer) == SdpParseError.None ? offer : null;

    private static LegNegotiation? Like(MediaSession session, Leg? like) =>
        WireMapping.TryParse(like, out LegId id) && id.Session == session.Id ? session.Find(id.Leg)?.Negotiation : null;
}
