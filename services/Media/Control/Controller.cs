using System.Threading.Channels;
using CloudPbx.MediaControl.Wire;

namespace CloudPbx.Media.Control;

/// <summary>A controller as the node knows it, over all its streams: reports wait here while it is away, the oldest giving way.</summary>
/// <remarks>Thread-safe by a short lock: loops report, streams come and go.</remarks>
internal sealed class Controller(string name, int queuedReports, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Queue<Event> _waiting = new();
    private ControllerStream? _stream;
    private long _awaySince = time.GetTimestamp();

    public string Name => name;

    /// <summary>How long it has been without a stream; zero while it has one.</summary>
    public TimeSpan Away
    {
        get
        {
            lock (_gate)
                return _stream is null ? time.GetElapsedTime(_awaySince) : TimeSpan.Zero;
        }
    }

    /// <summary>Takes a new stream; an older one of the same controller ends.</summary>
    public void Attach(ControllerStream stream)
    {
        lock (_gate)
        {
            _stream?.Replace();
            _stream = stream;
            while (_waiting.TryDequeue(out Event? report))
                stream.Write(report);
        }
    }

    /// <summary>A stream ended: reports that were not written yet are kept for the next one.</summary>
    public void Detach(ControllerStream stream)
    {
        lock (_gate)
        {
            bool current = _stream == stream;
            if (current)
            {
                _stream = null;
                _awaySince = time.GetTimestamp();
            }
            foreach (Event report in stream.TakeUnwritten())
            {
                if (_stream is not null)
                    _stream.Write(report);
                else
                    Keep(report);
            }
        }
    }

    public void Report(Event report)
    {
        lock (_gate)
        {
            if (_stream is not null)
                _stream.Write(report);
            else
                Keep(report);
        }
    }

    private void Keep(Event report)
    {
        if (_waiting.Count == queuedReports)
            _waiting.Dequeue();
        _waiting.Enqueue(report);
    }
}

/// <summary>One stream to a controller: what is to be written to it.</summary>
internal sealed class ControllerStream : IDisposable
{
    private readonly Channel<Event> _outbox = Channel.CreateUnbounded<Event>();    // not for a single reader: that kind cannot be counted
    private readonly CancellationTokenSource _replaced = new();

    /// <summary>Cancelled when the controller has come by another stream.</summary>
    public CancellationToken Replaced => _replaced.Token;

    public ChannelReader<Event> Outbox => _outbox.Reader;

    public void Write(Event report) => _outbox.Writer.TryWrite(report);

    public void Replace() => _replaced.Cancel();

    /// <summary>Reports that never left; answers are forgotten, their commands come again.</summary>
    public List<Event> TakeUnwritten()
    {
        _outbox.Writer.TryComplete();
        var reports = new List<Event>();
        while (_outbox.Reader.TryRead(out Event? report))
        {
            if (report.Correlation == 0)
                reports.Add(report);
        }
        return reports;
    }

    public void Dispose() => _replaced.Dispose();
}
