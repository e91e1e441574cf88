using System.Diagnostics;
using System.Net.Sockets;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl.Wire;
using Microsoft.Extensions.Logging;

namespace CloudPbx.MediaControl;

/// <summary>
/// The controller's end of the connection to one media node: reconnects, repeats the commands that are under way, and reports the node's
/// events.
/// </summary>
/// <remarks>
/// Thread-safe. A node that is away never makes a command throw: it is refused with <see cref="LegFaults.NodeUnavailable"/>.
/// Commands of this object carry epoch 0; <see cref="ForEpoch"/> gives the door that an owner with an epoch uses.
/// </remarks>
public sealed partial class MediaControlClient : IMediaNode, IAsyncDisposable
{
    private const ulong Unasked = ulong.MaxValue;                // the number of commands whose answers nobody waits for

    private readonly MediaControlClientOptions _options;
    private readonly IMediaEvents _events;
    private readonly TimeProvider _time;
    private readonly ILogger<MediaControlClient> _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly CommandQueue _commands;
    private readonly EpochDoor _door;
    private Task? _running;
    private TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _awaySince;
    private string? _instance;
    private volatile bool _isConnected;
    private int _disposed;

    /// <summary>Makes a client; nothing happens before <see cref="Start"/>.</summary>
    /// <param name="options">Where the node is.</param>
    /// <param name="events">Called for each of the node's reports, see <see cref="IMediaEvents"/>.</param>
    /// <param name="time">The clock of time-outs.</param>
    /// <param name="logger">Connection changes and refused commands.</param>
    public MediaControlClient(MediaControlClientOptions options, IMediaEvents events, TimeProvider time, ILogger<MediaControlClient> logger)
    {
        _options = options;
        _events = events;
        _time = time;
        _logger = logger;
        _awaySince = time.GetTimestamp();
        _commands = new CommandQueue(
            options.AfterRead is null ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None, options.CommandTimeout, time);
        _door = new EpochDoor(this, 0);
    }

    /// <summary>Whether the connection stands and the node has welcomed us.</summary>
    public bool IsConnected => _isConnected;

    /// <summary>Begins to connect, and goes on until the client is disposed of. A second call does nothing.</summary>
    public void Start() => _running ??= Task.Run(RunAsync);

    /// <summary>Completes when the connection stands.</summary>
    /// <param name="cancel">Ends the wait.</param>
    public Task WaitForConnectionAsync(CancellationToken cancel) => Volatile.Read(ref _connected).Task.WaitAsync(cancel);

    /// <summary>The same node, with an owner's epoch in every command. Cheap.</summary>
    /// <param name="epoch">The activation's epoch; the node refuses one lower than the session has seen.</param>
    public IMediaNode ForEpoch(long epoch) => new EpochDoor(this, epoch);

    /// <inheritdoc/>
    public Task<AttachOutcome> AttachAsync(CallId session, CancellationToken cancel) => _door.AttachAsync(session, cancel);

    /// <inheritdoc/>
    public Task<MediaMove?> MoveAsync(CallId session, ConferenceId? conference, CancellationToken cancel) => _door.MoveAsync(session, conference, cancel);

    /// <inheritdoc/>
    public Task<bool> RestoreAsync(LegId leg, LegPolicy policy, string state, CancellationToken cancel) => _door.RestoreAsync(leg, policy, state, cancel);

    /// <inheritdoc/>
    public Task<LegDescription> OfferAsync(LegId leg, LegPolicy policy, LegId? like, CancellationToken cancel) =>
        _door.OfferAsync(leg, policy, like, cancel);

    /// <inheritdoc/>
    public Task<LegDescription> ReceiveOfferAsync(LegId leg, LegPolicy policy, string remoteSdp, CancellationToken cancel) =>
        _door.ReceiveOfferAsync(leg, policy, remoteSdp, cancel);

    /// <inheritdoc/>
    public Task<LegDescription> AnswerAsync(LegId leg, LegId? like, CancellationToken cancel) => _door.AnswerAsync(leg, like, cancel);

    /// <inheritdoc/>
    public Task<LegDescription> ReceiveAnswerAsync(LegId leg, string remoteSdp, CancellationToken cancel) =>
        _door.ReceiveAnswerAsync(leg, remoteSdp, cancel);

    /// <inheritdoc/>
    public Task BridgeAsync(LegId a, LegId b, CancellationToken cancel) => _door.BridgeAsync(a, b, cancel);

    /// <inheritdoc/>
    public Task BridgeEarlyAsync(LegId caller, LegId callee, CancellationToken cancel) => _door.BridgeEarlyAsync(caller, callee, cancel);

    /// <inheritdoc/>
    public Task UnbridgeAsync(LegId a, CancellationToken cancel) => _door.UnbridgeAsync(a, cancel);

    /// <inheritdoc/>
    public Task EchoAsync(LegId leg, CancellationToken cancel) => _door.EchoAsync(leg, cancel);

    /// <inheritdoc/>
    public Task PlayAsync(LegId leg, Tone tone, CancellationToken cancel) => _door.PlayAsync(leg, tone, cancel);

    /// <inheritdoc/>
    public Task<bool> PromptAsync(LegId leg, PromptRequest prompt, CancellationToken cancel) => _door.PromptAsync(leg, prompt, cancel);

    /// <inheritdoc/>
    public Task SendDigitsAsync(LegId leg, string digits, CancellationToken cancel) => _door.SendDigitsAsync(leg, digits, cancel);

    /// <inheritdoc/>
    public Task<bool> PlaceAsync(CallId session, ConferenceId conference, CancellationToken cancel) => _door.PlaceAsync(session, conference, cancel);

    /// <inheritdoc/>
    public Task PlaceBesideAsync(CallId session, CallId other, CancellationToken cancel) => _door.PlaceBesideAsync(session, other, cancel);

    /// <inheritdoc/>
    public Task<bool> JoinAsync(LegId leg, ConferencePlace place, CancellationToken cancel) => _door.JoinAsync(leg, place, cancel);

    /// <inheritdoc/>
    public Task<string?> SuperviseAsync(LegId leg, LegId party, SupervisionMode mode, CancellationToken cancel) => _door.SuperviseAsync(leg, party, mode, cancel);

    /// <inheritdoc/>
    public Task StopAsync(LegId leg, CancellationToken cancel) => _door.StopAsync(leg, cancel);

    /// <inheritdoc/>
    public Task<string?> RecordAsync(RecordingRequest request, CancellationToken cancel) => _door.RecordAsync(request, cancel);

    /// <inheritdoc/>
    public Task<RecordingFigures> EndRecordingAsync(CallId session, RecordingId recording, CancellationToken cancel) => _door.EndRecordingAsync(session, recording, cancel);

    /// <inheritdoc/>
    public Task<LegStatistics> RemoveAsync(LegId leg, CancellationToken cancel) => _door.RemoveAsync(leg, cancel);

    /// <summary>Ends the connection. Commands under way are refused; the node keeps its sessions for its retention time.</summary>
    /// <remarks>May be called again: a container disposes a singleton once for each type it is registered as.</remarks>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_running is not null)
            await _running.ConfigureAwait(false);
        _commands.Dispose();
        _stop.Dispose();
    }

    /// <summary>Sends a command and waits for its answer; null when the node is away.</summary>
    internal async Task<Event?> SendAsync(Command command, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (_stop.IsCancellationRequested || (!_isConnected && Away() > _options.Patience))
            return null;
        using Activity? span = CommandTrace.Begin(command);
        Task<Event?> answer = _commands.Add(command);
        using CancellationTokenRegistration giveUp = answer.IsCompleted || !cancel.CanBeCanceled
            ? default : cancel.UnsafeRegister((_, token) => _commands.Cancel(command.Correlation, token), null);
        Event? given = await answer.ConfigureAwait(false);
        CommandTrace.End(span, given);
        if (given is null && _isConnected)
            LogLate(command.ActionCase);
        return given;
    }

    internal void ReportRefusal(Command command, string fault) => LogRefused(command.ActionCase, fault);

    private TimeSpan Away() => _time.GetElapsedTime(Interlocked.Read(ref _awaySince));

    private async Task RunAsync()
    {
        string? refusal = null;                                   // told once, not ten times a second
        while (!_stop.IsCancellationRequested)
        {
            var dialer = new NodeDialer(_options.Node, _options.Tls);
            string reason = "the node ended it, or was silent";
            try
            {
                await ConverseAsync(dialer).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // however a connection breaks, another one is tried: every call of this controller needs it
            catch (Exception fault)
            {
                reason = fault.Message;
                if (fault is not (SocketException or OperationCanceledException) && reason != refusal)
                    LogRefusing(_options.Node, refusal = reason);
            }
#pragma warning restore CA1031
            if (_isConnected)
            {
                if (!_stop.IsCancellationRequested)
                    LogBroken(_options.Node, reason);
                Interlocked.Exchange(ref _awaySince, _time.GetTimestamp());
                Volatile.Write(ref _connected, new(TaskCreationOptions.RunContinuationsAsynchronously));
                _isConnected = false;
                _commands.Pause();
            }
            if (_instance is not null && Away() > (dialer.Refused ? _options.LostAfterRefusal : _options.LostAfter))
                Lose();
            try
            {
                await Task.Delay(_options.ReconnectDelay, _time, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ConverseAsync(NodeDialer dialer)
    {
        ControlLink link = await dialer.ConnectAsync(_options.Silence, _stop.Token).ConfigureAwait(false);
        await using (link.ConfigureAwait(false))
        {
            await using CancellationTokenRegistration stop = _stop.Token.UnsafeRegister(static link => ((ControlLink)link!).Close(), link);
            link.TrySend(new Command { Correlation = Unasked, Hello = new Hello { Controller = _options.Controller } });
            // Twice in the time after which silence ends the connection, so that one word may be late.
            await using ITimer pings = _time.CreateTimer(static link => ((ControlLink)link!).TrySend(new Command { Correlation = Unasked, Ping = new Ping() }), link, _options.Silence / 2, _options.Silence / 2);
            await link.ReceiveAsync(Event.Parser, report => Receive(link, report), _options.BeforeRead, _options.AfterRead).ConfigureAwait(false);
        }
    }

    private void Receive(ControlLink link, Event report)
    {
        if (report.ReportCase == Event.ReportOneofCase.Welcome)
        {
            Welcomed(report.Welcome.Instance);
            _commands.Resume(link);
        }
        else if (report.Correlation != 0)
            _commands.Answer(report);
        else
            Report(report);
    }

    private void Welcomed(string instance)
    {
        if (_instance is not null && _instance != instance)
            Lose();
        _instance = instance;
        LogConnected(_options.Node, instance);
        _isConnected = true;
        Volatile.Read(ref _connected).TrySetResult();
    }

    private void Lose()
    {
        _instance = null;
        _commands.RefuseAll();
        LogLost(_options.Node);
        Tell(events => events.NodeLost());
    }

    private void Report(Event report)
    {
        switch (report.ReportCase)
        {
            case Event.ReportOneofCase.Digit when report.Digit.Digit_.Length == 1 && WireMapping.TryParse(report.Digit.Leg, out LegId leg):
                Tell(events => events.DigitReceived(leg, report.Digit.Digit_[0], report.Digit.DurationMilliseconds));
                break;
            case Event.ReportOneofCase.Silent when WireMapping.TryParse(report.Silent.Leg, out LegId leg):
                Tell(events => events.LegSilent(leg));
                break;
            case Event.ReportOneofCase.Played when WireMapping.TryParse(report.Played.Leg, out LegId leg):
                Tell(events => events.PromptEnded(leg, report.Played.Name, (PromptEnd)report.Played.Ending, report.Played.Digit is [var digit] ? digit : null));
                break;
            case Event.ReportOneofCase.Speaking when WireMapping.TryParse(report.Speaking.Leg, out LegId leg):
                Tell(events => events.SpeakingChanged(leg, report.Speaking.Speaks));
                break;
            default:
                break; // a newer node may report what we do not know
        }
    }

    /// <summary>A listener that throws ends nothing of ours.</summary>
    private void Tell(Action<IMediaEvents> what)
    {
#pragma warning disable CA1031 // whatever the listener throws, the reader must live on
        try
        {
            what(_events);
        }
        catch (Exception fault)
        {
            LogListenerThrew(fault);
        }
#pragma warning restore CA1031
    }

    [LoggerMessage(LogLevel.Information, "Media node {Node} is connected, instance {Instance}")]
    private partial void LogConnected(Uri node, string instance);

    [LoggerMessage(LogLevel.Warning, "The connection to media node {Node} broke: {Reason}")]
    private partial void LogBroken(Uri node, string reason);

    [LoggerMessage(LogLevel.Warning, "Media node {Node} does not take our connections: {Reason}")]
    private partial void LogRefusing(Uri node, string reason);

    [LoggerMessage(LogLevel.Error, "Media node {Node} is lost with its sessions")]
    private partial void LogLost(Uri node);

    [LoggerMessage(LogLevel.Warning, "Media command {Action} had no answer in time")]
    private partial void LogLate(Command.ActionOneofCase action);

    [LoggerMessage(LogLevel.Information, "Media command {Action} was refused: {Fault}")]
    private partial void LogRefused(Command.ActionOneofCase action, string fault);

    [LoggerMessage(LogLevel.Error, "A listener of media events threw")]
    private partial void LogListenerThrew(Exception fault);
}
