namespace CloudPbx.Media.Sessions;

/// <summary>What became of the last things that ended, so that an ending whose answer was lost can be asked for again.</summary>
internal sealed class RecentResults<TKey, TResult> where TKey : struct where TResult : class
{
    private const int Capacity = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, TResult> _results = [];
    private readonly Queue<TKey> _order = new();

    public void Add(TKey key, TResult result)
    {
        lock (_gate)
        {
            if (_results.TryAdd(key, result))
                _order.Enqueue(key);
            if (_order.Count > Capacity)
                _results.Remove(_order.Dequeue());
        }
    }

    public TResult? Find(TKey key)
    {
        lock (_gate)
            return _results.GetValueOrDefault(key);
    }
}
