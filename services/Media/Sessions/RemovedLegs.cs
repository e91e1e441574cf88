using CloudPbx.MediaControl;

namespace CloudPbx.Media.Sessions;

/// <summary>The figures of the last legs that ended, so that a removal whose answer was lost can be asked for again.</summary>
internal sealed class RemovedLegs
{
    private const int Capacity = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<LegId, LegStatistics> _figures = [];
    private readonly Queue<LegId> _order = new();

    public void Add(LegId leg, LegStatistics figures)
    {
        lock (_gate)
        {
            if (_figures.TryAdd(leg, figures))
                _order.Enqueue(leg);
            if (_order.Count > Capacity)
                _figures.Remove(_order.Dequeue());
        }
    }

    public LegStatistics? Find(LegId leg)
    {
        lock (_gate)
            return _figures.GetValueOrDefault(leg);
    }
}
