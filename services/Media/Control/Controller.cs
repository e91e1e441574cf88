using CloudPbx.MediaControl;
using CloudPbx.MediaControl.Wire;

namespace CloudPbx.Media.Control;

/// <summary>A controller as the node knows it, over all its connections: reports wait here while it is away, the oldest giving way.</summary>
/// <remarks>Thread-safe by a short lock: loops report, connections come and go.</remarks>
internal sealed class Controller(string name, int queuedReports, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Queue<Event> _waiting = new();
    private ControlLink? _link;
    private long _awaySince = time.GetTimestamp();

    public string Name => name;

    /// <summary>How long it has been without a connection; zero while it has one.</summary>
    public TimeSpan Away
    {
        get
        {
            lock (_gate)
                return _link is null ? time.GetElapsedTime(_awaySince) : TimeSpan.Zero;
        }
    }

    /// <summary>Takes a new connection; an older one of the same controller ends.</summary>
    public void Attach(ControlLink link)
    {
        lock (_gate)
        {
            _link?.Close();
            _link = link;
            while (_waiting.TryPeek(out Event? report) && link.TrySend(report))
                _waiting.Dequeue();
        }
    }

    /// <summary>A connection ended.</summary>
    public void Detach(ControlLink link)
    {
        lock (_gate)
        {
            if (_link != link)
                return;
            _link = null;
            _awaySince = time.GetTimestamp();
        }
    }

    /// <summary>Tells the controller, now or when it is back.</summary>
    public void Report(Event report)
    {
        lock (_gate)
        {
            if (_link?.TrySend(report) is true)
                return;
            if (_waiting.Count == queuedReports)
                _waiting.Dequeue();
            _waiting.Enqueue(report);
        }
    }
}
