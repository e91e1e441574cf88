using System.IO.Pipelines;
using System.Net.Sockets;
using CloudPbx.Edge.Guard;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Edge.Dispatch;

/// <summary>The link to one worker: dials, says hello, dials again when the link breaks or falls silent.</summary>
/// <remarks>Thread-safe. Runs until disposed.</remarks>
internal sealed partial class WorkerLink : IAsyncDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(3);

    private readonly IWorkerConnector _connector;
    private readonly EdgeIdentity _identity;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<WorkerLink> _changed;
    private readonly InnerLinkReceiver _receiver;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _running;
    private volatile InnerLink? _up;
    private long _heard;
    private long _said;         // when the last hello was sent, by Clock
    private long _asked;        // when the oldest hello without answer was, about; 0: none is

    /// <summary>Begins to dial.</summary>
    /// <param name="address">The worker.</param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="identity">This edge.</param>
    /// <param name="receiver">Takes every message but the answers to hello.</param>
    /// <param name="changed">Called when the link came up or went down.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Takes a line when the link comes up or goes down.</param>
    public WorkerLink(WorkerAddress address, IWorkerConnector connector, EdgeIdentity identity, InnerLinkReceiver receiver, Action<WorkerLink> changed,
        TimeProvider time, ILogger logger)
    {
        Address = address;
        _connector = connector;
        _identity = identity;
        _receiver = receiver;
        _changed = changed;
        _time = time;
        _logger = logger;
        Admission = new Admission(time);
        _running = Task.Run(RunAsync);
    }

    public WorkerAddress Address { get; }

    /// <summary>How much new work it gets.</summary>
    public Admission Admission { get; private set; }

    /// <summary>Whether the worker answered our hello and the link stands.</summary>
    public bool IsUp => _up is { IsOpen: true };

    /// <summary>Whether the worker announces itself still; a link to one that does not is kept until it breaks.</summary>
    public bool IsAnnounced { get; set; } = true;

    /// <summary>Whether this is the connection that the link stands on now.</summary>
    public bool IsCarriedBy(InnerLink connection) => ReferenceEquals(_up, connection);

    public bool TrySend(ReadOnlySpan<byte> message) => _up is { } link && link.TrySend(message);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running;
        _ending.Dispose();
    }

    private TimeSpan Clock => _time.GetElapsedTime(0);

    private async Task RunAsync()
    {
        TimeSpan pause = s_firstPause;
        while (!_ending.IsCancellationRequested)
        {
            if (await ConnectAsync() is { } pipe)
            {
                await using var link = new InnerLink(pipe);
                bool wasUp = await ServeAsync(link);
                if (wasUp)
                    pause = s_firstPause;
            }
            try
            {
                await Task.Delay(pause, _time, _ending.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    private async Task<IDuplexPipe?> ConnectAsync()
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
            limit.CancelAfter(s_connectTimeout);
            return await _connector.ConnectAsync(Address, limit.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            LogUnreachable(Address, e.Message);
            return null;
        }
    }

    private async Task<bool> ServeAsync(InnerLink link)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        _heard = _time.GetTimestamp();
        Admission = new Admission(_time);           // what the connection before measured is no measure of this one
        Task receiving = link.ReceiveAsync(Receive, ending.Token);
        Task greeting = GreetAsync(link, ending.Token);
        await Task.WhenAny(receiving, greeting);
        await ending.CancelAsync();
        await Task.WhenAll(receiving, greeting);
        bool wasUp = _up is not null;
        _up = null;
        if (wasUp && !_ending.IsCancellationRequested)
        {
            LogDown(Address);
            _changed(this);
        }
        return wasUp;
    }

    private void Receive(InnerLink link, ReadOnlySpan<byte> message)
    {
        Volatile.Write(ref _heard, _time.GetTimestamp());
        if (!HelloAnswer.Is(message, out SipMessageView answer))
        {
            _receiver(link, message);
            return;
        }
        if (InnerHello.TryReadDelay(answer, out TimeSpan sentAt, out TimeSpan delay))
        {
            bool isLast = (sentAt + InnerHello.BusyInterval / 2).Ticks >= Volatile.Read(ref _said);
            Volatile.Write(ref _asked, isLast ? 0 : (sentAt + InnerHello.BusyInterval).Ticks);
            TimeSpan way = Clock - sentAt;
            Admission.Report(way > delay ? way : delay);
        }
        else
        {
            Volatile.Write(ref _asked, 0);          // an older worker, which does not measure
        }
        if (_up is not null)
            return;
        _up = link;
        LogUp(Address);
        _changed(this);
    }

    // Ends when the worker has been silent for too long: a half-open connection looks like that.
    private async Task GreetAsync(InnerLink link, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(InnerHello.BusyInterval, _time);
        uint sequence = 0;
        Volatile.Write(ref _asked, 0);
        try
        {
            do
            {
                if (_time.GetElapsedTime(Volatile.Read(ref _heard)) > InnerHello.Timeout)
                    return;
                TimeSpan now = Clock;
                long asked = Volatile.Read(ref _asked);
                if (asked != 0)
                    Admission.ReportAtLeast(now - new TimeSpan(asked), _time.GetElapsedTime(Volatile.Read(ref _heard)) > InnerHello.BusyInterval);
                if (sequence > 0 && !Admission.IsBusy && now - new TimeSpan(_said) < InnerHello.Interval)
                    continue;
                Volatile.Write(ref _said, now.Ticks);
                if (asked == 0)
                    Volatile.Write(ref _asked, now.Ticks);
                if (!link.TrySend(InnerHello.Create(_identity.Id, ++sequence, now)))
                    return;
            }
            while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException)
        {
            // The link ended.
        }
    }

    [LoggerMessage(LogLevel.Information, "Link to worker {Worker} is up")]
    private partial void LogUp(WorkerAddress worker);

    [LoggerMessage(LogLevel.Warning, "Link to worker {Worker} is down")]
    private partial void LogDown(WorkerAddress worker);

    [LoggerMessage(LogLevel.Debug, "Worker {Worker} cannot be reached: {Reason}")]
    private partial void LogUnreachable(WorkerAddress worker, string reason);
}
