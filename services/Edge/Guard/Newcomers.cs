using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace CloudPbx.Edge.Guard;

/// <summary>
/// Connections that were admitted and are no flow yet: their TLS handshake or the opening of their WebSocket is under way. They take places like all others, so the sweep has to know
/// them: silent ones would push out those that speak (S20).
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Newcomers(TimeProvider time)
{
    private static readonly object s_key = new();              // of a connection's own entry among its items

    private readonly ConcurrentDictionary<Newcomer, bool> _all = new();

    /// <summary>All of them.</summary>
    public IEnumerable<Newcomer> All => _all.Keys;

    /// <summary>A connection was admitted.</summary>
    public void Enter(ConnectionContext connection)
    {
        var newcomer = new Newcomer(time.GetTimestamp(), connection.Abort);
        connection.Items[s_key] = newcomer;
        _all[newcomer] = true;
    }

    /// <summary>It is a flow from now on, or has ended. Doing it twice does no harm, nor does it for one that never was a newcomer.</summary>
    /// <param name="items">The connection's items.</param>
    public void Leave(IDictionary<object, object?> items)
    {
        if (items.Remove(s_key, out object? newcomer))
            _all.TryRemove((Newcomer)newcomer!, out _);
    }
}
