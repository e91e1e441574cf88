using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Edge.Listeners;

/// <summary>One connection of a peer: its number, its flow token, its write queue, and what the deadlines need to know.</summary>
/// <remarks>Thread-safe: read by one task, written by any, watched by the sweep.</remarks>
internal sealed class EdgeConnection
{
    /// <summary>Octets that may wait for a slow peer; beyond that the connection is closed, since a stream that lost a message is of no use.</summary>
    public const int QueueLimit = 512 * 1024;

    private readonly IWriteQueue _queue;
    private readonly Action _abort;
    private readonly TimeProvider _time;
    private readonly byte[] _token;
    private StrongBox? _tenant;
    private long _lastMessage;
    private long _lastHeard;

    public EdgeConnection(ulong id, FlowToken token, EdgeKey key, IWriteQueue queue, Action abort, TimeProvider time)
    {
        Id = id;
        Remote = token.Remote;
        Transport = token.Transport;
        _queue = queue;
        _abort = abort;
        _time = time;
        Span<byte> text = stackalloc byte[FlowToken.MaxLength];
        _token = text[..token.Write(key, text)].ToArray();
        Opened = time.GetTimestamp();
        _lastMessage = Opened;
        _lastHeard = Opened;
    }

    public ulong Id { get; }

    public InternetEndPoint Remote { get; }

    public SipTransport Transport { get; }

    /// <summary>Whether we opened it, to a carrier: it stays however silent it is.</summary>
    public bool IsOutgoing { get; init; }

    /// <summary>Whether its source was banned when it came: it is there for a call for help, and for nothing else (S36).</summary>
    public bool IsOfBanned { get; init; }

    /// <summary>When the last message of a banned source came that was let through; at first, when it was opened.</summary>
    public long LastHeard => Volatile.Read(ref _lastHeard);

    /// <summary>What the peer proved by a client certificate, as the directory calls it; null: nothing.</summary>
    public string? ProvedSource { get; init; }

    /// <summary>The flow token's text.</summary>
    public ReadOnlySpan<byte> Token => _token;

    /// <summary>When it was opened, as a timestamp of the clock.</summary>
    public long Opened { get; }

    /// <summary>When the last whole message came; at first, when it was opened.</summary>
    public long LastMessage => Volatile.Read(ref _lastMessage);

    /// <summary>Whether any whole message came yet.</summary>
    public bool HasSpoken { get; private set; }

    /// <summary>The tenant that last authenticated on it.</summary>
    public Guid? Tenant
    {
        get => Volatile.Read(ref _tenant)?.Value;
        set
        {
            if (Tenant != value)
                Volatile.Write(ref _tenant, value is { } tenant ? new StrongBox(tenant) : null);
        }
    }

    /// <summary>Notes that a whole message came.</summary>
    public void Spoke()
    {
        HasSpoken = true;
        Volatile.Write(ref _lastMessage, _time.GetTimestamp());
    }

    /// <summary>Notes that a message was let through although its source is banned.</summary>
    public void Heard() => Volatile.Write(ref _lastHeard, _time.GetTimestamp());

    public bool TrySend(ReadOnlySpan<byte> octets)
    {
        if (_queue.TryWrite(octets))
            return true;
        Abort();
        return false;
    }

    /// <summary>Closes the connection at once.</summary>
    public void Abort()
    {
        _queue.Close();
        _abort();
    }

    /// <summary>Refuses further messages: the connection ended.</summary>
    public void Close() => _queue.Close();

    /// <summary>Whether everything queued was written.</summary>
    public bool IsFlushed => !_queue.IsOpen || _queue.Waiting == 0;

    // A Guid is wider than what can be written at once.
    private sealed record StrongBox(Guid Value);
}
