
namespace CloudPbx.Edge.Dispatch;

/// <summary>Messages that came over connections while no worker was there and must not be refused: some phones go offline for good on a 503 to REGISTER.
/// Bounded in number, octets and time.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class HeldMessages(TimeProvider time, TimeSpan life, int capacity)
{
    private const int OctetCapacity = 64 * 1024 * 1024;

    private readonly Lock _gate = new();        // taken only while no worker is there
    private readonly Queue<Held> _queue = new();
    private int _octets;

    /// <summary>Messages that wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _queue.Count;
        }
    }

    /// <summary>Keeps a message that is ready to be sent to a worker.</summary>
    /// <returns>False when there is no room: the message is to be dropped.</returns>
    public bool TryHold(Guid tenant, ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            Expire();
            if (_queue.Count >= capacity || _octets + message.Length > OctetCapacity)
                return false;
            _queue.Enqueue(new Held(tenant, message.ToArray(), time.GetTimestamp()));
            _octets += message.Length;
            return true;
        }
    }

    /// <summary>Takes the oldest message that is still worth sending.</summary>
    public bool TryTake(out Guid tenant, out byte[] message)
    {
        lock (_gate)
        {
            Expire();
            bool taken = _queue.TryDequeue(out Held held);
            (tenant, message) = (held.Tenant, held.Message ?? []);
            _octets -= message.Length;
            return taken;
        }
    }

    private void Expire()
    {
        while (_queue.TryPeek(out Held held) && time.GetElapsedTime(held.Stamp) >= life)
            _octets -= _queue.Dequeue().Message.Length;
    }

    private readonly record struct Held(Guid Tenant, byte[] Message, long Stamp);
}
