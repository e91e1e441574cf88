using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl.Wire;

namespace CloudPbx.MediaControl;

/// <summary><see cref="IMediaNode"/> for one epoch: turns calls into commands and answers into results.</summary>
internal sealed class EpochDoor(MediaControlClient client, long epoch) : IMediaNode
{
    public async Task<AttachOutcome> AttachAsync(CallId session, CancellationToken cancel)
    {
        Event? answer = await SendAsync(new Command { Attach = new Attach { Session = session.ToString() } }, cancel).ConfigureAwait(false);
        return answer?.Done switch
        {
            null => AttachOutcome.Away,
            { Fault.Length: 0 } => AttachOutcome.Attached,
            { Fault: LegFaults.StaleEpoch } => AttachOutcome.Stale,
            _ => AttachOutcome.Unknown,
        };
    }

    public Task<MediaMove?> MoveAsync(CallId session, ConferenceId? conference, CancellationToken cancel) =>
        Task.FromResult(client.IsConnected ? new MediaMove(null, this, static () => { }) : null);           // there is one node: it was restarted

    public Task<bool> RestoreAsync(LegId leg, LegPolicy policy, string state, CancellationToken cancel) =>
        TryAsync(new Command { Restore = new Restore { Leg = leg.ToWire(), Policy = policy.ToWire(), State = state } }, cancel);

    public Task<LegDescription> OfferAsync(LegId leg, LegPolicy policy, LegId? like, CancellationToken cancel) =>
        DescribeAsync(new Command { Offer = new Offer { Leg = leg.ToWire(), Policy = policy.ToWire(), Like = like?.ToWire() } }, cancel);

    public Task<LegDescription> ReceiveOfferAsync(LegId leg, LegPolicy policy, string remoteSdp, CancellationToken cancel) =>
        DescribeAsync(new Command { ReceiveOffer = new ReceiveOffer { Leg = leg.ToWire(), Policy = policy.ToWire(), RemoteSdp = remoteSdp } }, cancel);

    public Task<LegDescription> AnswerAsync(LegId leg, LegId? like, CancellationToken cancel) =>
        DescribeAsync(new Command { Answer = new Answer { Leg = leg.ToWire(), Like = like?.ToWire() } }, cancel);

    public Task<LegDescription> ReceiveAnswerAsync(LegId leg, string remoteSdp, CancellationToken cancel) =>
        DescribeAsync(new Command { ReceiveAnswer = new ReceiveAnswer { Leg = leg.ToWire(), RemoteSdp = remoteSdp } }, cancel);

    public Task BridgeAsync(LegId a, LegId b, CancellationToken cancel) =>
        DoAsync(new Command { Bridge = new Bridge { A = a.ToWire(), B = b.ToWire() } }, cancel);

    public Task BridgeEarlyAsync(LegId caller, LegId callee, CancellationToken cancel) =>
        DoAsync(new Command { Bridge = new Bridge { A = caller.ToWire(), B = callee.ToWire(), Early = true } }, cancel);

    public Task UnbridgeAsync(LegId a, CancellationToken cancel) =>
        DoAsync(new Command { Unbridge = new Unbridge { Leg = a.ToWire() } }, cancel);

    public Task EchoAsync(LegId leg, CancellationToken cancel) => DoAsync(new Command { Echo = new Echo { Leg = leg.ToWire() } }, cancel);

    public Task PlayAsync(LegId leg, Tone tone, CancellationToken cancel) =>
        DoAsync(new Command { Play = new Play { Leg = leg.ToWire(), Tone = (ProgressTone)tone } }, cancel);

    public Task<bool> PromptAsync(LegId leg, PromptRequest prompt, CancellationToken cancel) => TryAsync(new Command { Prompt = prompt.ToWire(leg) }, cancel);

    public Task SendDigitsAsync(LegId leg, string digits, CancellationToken cancel) =>
        DoAsync(new Command { SendDigits = new SendDigits { Leg = leg.ToWire(), Digits = digits } }, cancel);

    public Task<bool> PlaceAsync(CallId session, ConferenceId conference, CancellationToken cancel) => Task.FromResult(true);   // there is one node

    public Task PlaceBesideAsync(CallId session, CallId other, CancellationToken cancel) => Task.CompletedTask;

    public Task<bool> JoinAsync(LegId leg, ConferencePlace place, CancellationToken cancel) => TryAsync(
        new Command { Join = new Join { Leg = leg.ToWire(), Conference = place.Conference.ToString(), Muted = place.IsMuted, Signals = place.Signals } }, cancel);

    public Task<string?> SuperviseAsync(LegId leg, LegId party, SupervisionMode mode, CancellationToken cancel) => AskAsync(
        new Command { Supervise = new Supervise { Leg = leg.ToWire(), Party = party.ToWire(), Mode = (Supervision)mode } }, cancel);

    public Task StopAsync(LegId leg, CancellationToken cancel) => DoAsync(new Command { Stop = new Stop { Leg = leg.ToWire() } }, cancel);

    public Task<string?> RecordAsync(RecordingRequest request, CancellationToken cancel) => AskAsync(new Command { Record = request.ToWire() }, cancel);

    public async Task<RecordingFigures> EndRecordingAsync(CallId session, RecordingId recording, CancellationToken cancel)
    {
        Event? answer = await SendAsync(
            new Command { EndRecording = new EndRecording { Session = session.ToString(), Recording = recording.ToString() } }, cancel).ConfigureAwait(false);
        return answer?.Recorded?.ToDomain() ?? RecordingFigures.None;
    }

    public async Task<LegStatistics> RemoveAsync(LegId leg, CancellationToken cancel)
    {
        Event? answer = await SendAsync(new Command { Remove = new Remove { Leg = leg.ToWire() } }, cancel).ConfigureAwait(false);
        return answer?.Statistics?.ToDomain() ?? LegStatistics.None;
    }

    private async Task<LegDescription> DescribeAsync(Command command, CancellationToken cancel)
    {
        Event? answer = await SendAsync(command, cancel).ConfigureAwait(false);
        if (answer is null)
            return LegDescription.Refused(LegFaults.NodeUnavailable);
        LegDescription description = answer.Description?.ToDomain() ?? LegDescription.Refused(answer.Done?.Fault ?? LegFaults.BadCommand);
        if (!description.Accepted)
            client.ReportRefusal(command, description.Fault ?? LegFaults.BadCommand);
        return description;
    }

    private Task<bool> DoAsync(Command command, CancellationToken cancel) => TryAsync(command, cancel);

    private async Task<bool> TryAsync(Command command, CancellationToken cancel) => await AskAsync(command, cancel).ConfigureAwait(false) is null;

    private async Task<string?> AskAsync(Command command, CancellationToken cancel)
    {
        Event? answer = await SendAsync(command, cancel).ConfigureAwait(false);
        if (answer?.Done is not { } done)
            return LegFaults.NodeUnavailable;
        if (done.Fault.Length == 0)
            return null;
        client.ReportRefusal(command, done.Fault);
        return done.Fault;
    }

    private Task<Event?> SendAsync(Command command, CancellationToken cancel)
    {
        command.Epoch = epoch;
        return client.SendAsync(command, cancel);
    }
}
