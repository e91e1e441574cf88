using System.Collections.Concurrent;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Control;

/// <summary>The controllers that the node serves. One that stays away for longer than the retention time is forgotten, its sessions end.</summary>
internal sealed class ControllerTable : IDisposable
{
    private readonly ConcurrentDictionary<string, Controller> _controllers = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly TimeSpan _retention;
    private readonly int _queuedReports;
    private readonly Action<Controller> _onGone;
    private readonly ITimer _sweep;

    public ControllerTable(TimeProvider time, TimeSpan retention, int queuedReports, Action<Controller> onGone)
    {
        _time = time;
        _retention = retention;
        _queuedReports = queuedReports;
        _onGone = onGone;
        _sweep = time.CreateTimer(_ => Sweep(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Gives a controller its new connection.</summary>
    public Controller Attach(string name, ControlLink link)
    {
        Controller controller = _controllers.GetOrAdd(name, static (key, table) => new Controller(key, table._queuedReports, table._time), this);
        controller.Attach(link);
        return controller;
    }

    public void Dispose() => _sweep.Dispose();

    private void Sweep()
    {
        foreach ((string name, Controller controller) in _controllers)
        {
            if (controller.Away < _retention)
                continue;
            _controllers.TryRemove(name, out _);
            _onGone(controller);
        }
    }
}
