using System.Threading.Channels;

namespace CloudPbx.Api.Live;

/// <summary>One client's view of a <see cref="LiveFeed"/>.</summary>
internal sealed class LiveReader : IDisposable
{
    // A client that reads this far behind is better served by a fresh connection, whose first event is everything.
    private const int Waiting = 1024;

    private readonly Channel<LiveEvent> _events = Channel.CreateBounded<LiveEvent>(
        new BoundedChannelOptions(Waiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Action<LiveReader> _leave;
    private int _left;

    public LiveReader(Action<LiveReader> leave) => _leave = leave;

    /// <summary>What is told, until the client is too slow.</summary>
    public ChannelReader<LiveEvent> Events => _events.Reader;

    /// <summary>Tells the client something, or ends its stream where it is too slow.</summary>
    public void Tell(LiveEvent told)
    {
        if (!_events.Writer.TryWrite(told))
            _events.Writer.TryComplete();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) != 0)
            return;
        _leave(this);
        _events.Writer.TryComplete();
    }
}

/// <summary>One event of a live stream.</summary>
/// <param name="Type">Its name.</param>
/// <param name="Data">What it tells, a record of Contracts.</param>
internal sealed record LiveEvent(string Type, object Data)
{
    /// <summary>The name of the event that a call is over.</summary>
    public const string CallEnded = "callEnded";
}
