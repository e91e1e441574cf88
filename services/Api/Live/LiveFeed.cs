using System.Threading.Channels;
using CloudPbx.Api.Calls;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;
using CloudPbx.Grains.Live;
using CloudPbx.State.Presence;

namespace CloudPbx.Api.Live;

/// <summary>
/// One watched tenant: hears its channel, asks its owner for everything at the start and where something was missed, and tells its readers. The state is
/// kept here, so that a second reader begins without a question.
/// </summary>
/// <remarks>One loop owns the state; what comes from elsewhere is queued for it.</remarks>
internal sealed partial class LiveFeed : IAsyncDisposable
{
    private static readonly TimeSpan s_renew = TimeSpan.FromSeconds(ITenantGrain.WatchLeaseSeconds / 3);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly LiveChannel _channel;
    private readonly ITenantDoor _door;
    private readonly TimeProvider _time;
    private readonly ILogger<LiveFeed> _logger;
    private readonly CancellationTokenSource _end = new();
    private readonly Channel<Action> _posts = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SortedDictionary<string, LiveExtensionDto> _extensions = new(StringComparer.Ordinal);
    private readonly Dictionary<CallId, LiveCallDto> _calls = [];
    private readonly List<LiveReader> _readers = [];
    private readonly Task _loop;
    private int _members;                                         // guarded by LiveFeeds' gate
    private long _epoch;
    private long _sequence;
    private bool _isKnown;
    private bool _isBehind;

    public LiveFeed(TenantId tenant, LiveChannel channel, ITenantDoor door, TimeProvider time, ILogger<LiveFeed> logger)
    {
        (Tenant, _channel, _door, _time, _logger) = (tenant, channel, door, time, logger);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Which tenant.</summary>
    public TenantId Tenant { get; }

    /// <summary>Adds a reader, which is told everything first.</summary>
    public LiveReader Add(Action<LiveFeed, LiveReader> leave)
    {
        _members++;
        var reader = new LiveReader(left => leave(this, left));
        _posts.Writer.TryWrite(() =>
        {
            _readers.Add(reader);
            if (_isKnown)
                reader.Tell(Snapshot());
        });
        return reader;
    }

    /// <summary>Removes a reader.</summary>
    /// <returns>Whether it was the last one.</returns>
    public bool Remove(LiveReader reader)
    {
        _posts.Writer.TryWrite(() => _readers.Remove(reader));
        return --_members == 0;
    }

    /// <summary>Stops to watch.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _loop;
        _end.Dispose();
    }

    // Never faults, but by a bug of ours, which is logged.
    private async Task RunAsync()
    {
        IAsyncDisposable? subscription = null;
        try
        {
            while (!_end.IsCancellationRequested)
            {
                subscription ??= await _channel.SubscribeAsync(Tenant, heard => _posts.Writer.TryWrite(() => Hear(heard)));
                bool known = subscription is not null && await AskAsync();
                await WorkAsync(known ? s_renew : s_retry);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // Nobody watches any more.
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            LogFault(Tenant, fault);
            foreach (LiveReader reader in _readers.ToArray())
                reader.Dispose();                                 // they come again
        }
        finally
        {
            if (subscription is not null)
                await subscription.DisposeAsync();
        }
    }

    /// <summary>Does what is posted, until it is time to ask again or something was missed.</summary>
    private async Task WorkAsync(TimeSpan limit)
    {
        _isBehind = false;
        using var pause = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, _end.Token);
        try
        {
            while (!_isBehind)
                (await _posts.Reader.ReadAsync(either.Token))();
        }
        catch (OperationCanceledException) when (!_end.IsCancellationRequested)
        {
            // Time to ask.
        }
    }

    private async Task<bool> AskAsync()
    {
        if (await _door.WatchAsync(Tenant, _epoch, _sequence, _end.Token) is not { } answer)
            return false;
        if (answer.Everything is { } everything)
            Replace(everything);
        return true;
    }

    private void Hear(ReadOnlyMemory<byte> heard)
    {
        if (LiveChange.Read(heard.Span) is not { } change)
            return;
        if (change.Epoch == _epoch && change.Sequence <= _sequence)
            return;                                               // it was in the answer already
        if (change.Epoch < _epoch)
            return;                                               // an owner that is not quite dead
        if (change.Epoch != _epoch || change.Sequence != _sequence + 1)
        {
            _isBehind = true;
            return;
        }
        _sequence = change.Sequence;
        foreach (LiveExtension extension in change.Extensions)
            Tell("extension", _extensions[extension.Number] = extension.ToDto());
        foreach (LiveCall call in change.Calls)
            Tell("call", _calls[call.CallId] = call.ToDto());
        foreach (CallId call in change.Ended)
        {
            if (_calls.Remove(call))
                Tell(LiveEvent.CallEnded, new EndedCallDto { Id = call });
        }
    }

    private void Replace(LiveChange everything)
    {
        (_epoch, _sequence) = (everything.Epoch, everything.Sequence);
        _extensions.Clear();
        _calls.Clear();
        foreach (LiveExtension extension in everything.Extensions)
            _extensions[extension.Number] = extension.ToDto();
        foreach (LiveCall call in everything.Calls)
            _calls[call.CallId] = call.ToDto();
        _isKnown = true;
        LiveEvent snapshot = Snapshot();
        foreach (LiveReader reader in _readers)
            reader.Tell(snapshot);
    }

    private LiveEvent Snapshot() => new("snapshot", new LiveSnapshotDto { Extensions = [.. _extensions.Values], Calls = [.. _calls.Values.OrderBy(call => call.StartedAt)] });

    private void Tell(string type, object data)
    {
        var told = new LiveEvent(type, data);
        foreach (LiveReader reader in _readers)
            reader.Tell(told);
    }

    [LoggerMessage(LogLevel.Error, "Tenant {TenantId} is not watched any more")]
    private partial void LogFault(TenantId tenantId, Exception exception);
}
