using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.TestKit.Dns;

/// <summary>
/// A small DNS server on UDP (RFC 1035) that knows A, SRV (RFC 2782) and NAPTR (RFC 3403) records of a few names and denies all others.
/// GNOME Calls resolves names itself and never reads <c>/etc/hosts</c>.
/// </summary>
public sealed class DnsStub : IAsyncDisposable
{
    private const ushort TypeA = 1, TypeSrv = 33, TypeNaptr = 35;
    private const int TimeToLive = 30;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<(string Name, ushort Type), List<byte[]>> _records = [];
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();
    private readonly Task _loop;

    private DnsStub(Socket socket)
    {
        _socket = socket;
        _loop = Task.Run(ServeAsync);
    }

    /// <summary>The questions asked so far, as <c>name type</c>.</summary>
    public Journal<string> Questions { get; } = new();

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Starts a server.</summary>
    /// <param name="address">Where to listen; port 53 where programs look it up by resolv.conf.</param>
    /// <param name="network">The namespace to listen in; null: the machine's own network.</param>
    public static DnsStub Start(IPEndPoint address, NetworkNamespace? network = null)
    {
        Socket Bind()
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(address);
            return socket;
        }
        return new DnsStub(network is null ? Bind() : network.Enter(Bind));
    }

    /// <summary>Adds an address of a name.</summary>
    public void AddAddress(string name, IPAddress address) => Add(name, TypeA, address.GetAddressBytes());

    /// <summary>Adds a server of a service, such as <c>_sips._tcp.example.test</c>.</summary>
    public void AddServer(string service, string host, int port, ushort priority = 10, ushort weight = 10)
    {
        byte[] head = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(head, priority);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), weight);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(4), (ushort)port);
        Add(service, TypeSrv, [.. head, .. NameOctets(host)]);
    }

    /// <summary>Adds a NAPTR record with flag "s": <paramref name="service"/> (such as <c>SIPS+D2T</c>) is found at <paramref name="replacement"/>.</summary>
    public void AddNaptr(string name, ushort order, string service, string replacement)
    {
        byte[] head = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(head, order);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), 50);
        Add(name, TypeNaptr, [.. head, 1, (byte)'s', (byte)service.Length, .. Encoding.ASCII.GetBytes(service), 0, .. NameOctets(replacement)]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _socket.Dispose();
        _stop.Dispose();
    }

    private void Add(string name, ushort type, byte[] data)
    {
        lock (_gate)
        {
            _names.Add(name);
            (string, ushort) key = (name.ToLowerInvariant(), type);
            if (!_records.TryGetValue(key, out List<byte[]>? list)) _records[key] = list = [];
            list.Add(data);
        }
    }

    private async Task ServeAsync()
    {
        byte[] buffer = new byte[2048];
        try
        {
            while (true)
            {
                SocketReceiveFromResult got = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                if (Answer(buffer.AsSpan(0, got.ReceivedBytes)) is { } answer)
                    await _socket.SendToAsync(answer, got.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    /// <summary>The answer to a query with one question (RFC 1035 §4.1), or null when it is none.</summary>
    private byte[]? Answer(ReadOnlySpan<byte> query)
    {
        const int HeaderLength = 12;
        StringBuilder name = new();
        int at = HeaderLength;
        while (at < query.Length && query[at] != 0)
        {
            int length = query[at];
            if (length > 63 || at + 1 + length >= query.Length) return null;
            if (name.Length > 0) name.Append('.');
            name.Append(Encoding.ASCII.GetString(query.Slice(at + 1, length)));
            at += 1 + length;
        }
        if (at + 5 > query.Length) return null;
        ReadOnlySpan<byte> question = query[HeaderLength..(at + 5)];
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(query[(at + 1)..]);
        Questions.Add($"{name} {type}");

        byte[][] found;
        bool known;
        lock (_gate)
        {
            found = _records.TryGetValue((name.ToString().ToLowerInvariant(), type), out List<byte[]>? list) ? [.. list] : [];
            known = _names.Contains(name.ToString());
        }
        using MemoryStream answer = new();
        Span<byte> header = stackalloc byte[HeaderLength];
        query[..2].CopyTo(header);                                                                        // the query's id
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(0x8580 | (known ? 0 : 3)));           // authoritative; 3: no such name
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], 1);
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], (ushort)found.Length);
        answer.Write(header);
        answer.Write(question);
        Span<byte> fields = stackalloc byte[12];
        foreach (byte[] data in found)
        {
            BinaryPrimitives.WriteUInt16BigEndian(fields, 0xC000 | HeaderLength);                         // the name: see the question
            BinaryPrimitives.WriteUInt16BigEndian(fields[2..], type);
            BinaryPrimitives.WriteUInt16BigEndian(fields[4..], 1);
            BinaryPrimitives.WriteInt32BigEndian(fields[6..], TimeToLive);
            BinaryPrimitives.WriteUInt16BigEndian(fields[10..], (ushort)data.Length);
            answer.Write(fields);
            answer.Write(data);
        }
        return answer.ToArray();
    }

    private static byte[] NameOctets(string name) =>
        [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];
}
