using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CloudPbx.TestKit.Carriers;

/// <summary>
/// A carrier that says what its script says: octets over UDP and TCP (or TLS) sockets of its own, none of our stack in between. A scenario reads as its trace: what
/// is expected, what is sent. Nothing is answered by itself.
/// </summary>
public sealed partial class HostileCarrier : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly Socket _datagrams, _listener;
    private readonly ConcurrentBag<Stream> _connections = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly IPEndPoint _pbx;
    private readonly Lock _gate = new();                          // between the receivers and the script
    private readonly List<RawMessage> _received = [];
    private readonly HashSet<RawMessage> _taken = [];
    private readonly StringBuilder _trace = new();
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action<byte[]> _send;
    private string _transport = "UDP";

    private HostileCarrier(IPEndPoint at, IPEndPoint pbx, SslServerAuthenticationOptions? tls, bool takesConnections)
    {
        (_pbx, _tls) = (pbx, tls);
        _datagrams = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _listener = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _datagrams.Bind(at);
        At = (IPEndPoint)_datagrams.LocalEndPoint!;
        _listener.Bind(At);                                       // one that does not listen refuses, and nobody else can take its port
        if (takesConnections) _listener.Listen();
        Media = new RawMedia(at.Address);
        _send = octets => _datagrams.SendTo(octets, _pbx);
        _ = ReceiveDatagramsAsync();
        if (takesConnections) _ = AcceptAsync();
    }

    /// <summary>Where it listens, by UDP and TCP.</summary>
    public IPEndPoint At { get; }

    /// <summary>Its audio.</summary>
    public RawMedia Media { get; }

    /// <summary>All that was said so far.</summary>
    public string Trace
    {
        get { lock (_gate) return _trace.ToString(); }
    }

    /// <summary>Opens a carrier.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="pbx">Where the product listens.</param>
    /// <param name="certificate">What it shows to those who connect by TLS; null: its connections are plain TCP.</param>
    /// <param name="port">Its port; 0: the kernel's choice.</param>
    /// <param name="takesConnections">Whether it has TCP at all; otherwise a connection is refused.</param>
    /// <param name="protocols">The only protocols that it takes from a client that names some in TLS (ALPN, RFC 7301); null: it knows no ALPN.</param>
    public static HostileCarrier Listen(
        IPAddress address, IPEndPoint pbx, X509Certificate2? certificate = null, int port = 0, bool takesConnections = true, IReadOnlyList<SslApplicationProtocol>? protocols = null)
    {
        SslServerAuthenticationOptions? tls = certificate is null ? null : new() { ServerCertificate = certificate, ApplicationProtocols = protocols is null ? null : [.. protocols] };
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return new HostileCarrier(new IPEndPoint(address, port), pbx, tls, takesConnections);
            }
            catch (SocketException) when (port == 0 && attempt < 20)
            {
                // The port that was free for UDP is not for TCP: another one.
            }
        }
    }

    /// <summary>Waits for a message that has not been taken yet; what else comes meanwhile, and what is sent again, stays untaken.</summary>
    /// <param name="what"><c>INVITE</c>, <c>200 INVITE</c>, <c>200</c>, or several with bars between them: <c>200 BYE | 481 BYE</c>.</param>
    /// <param name="patience">How long; null: what a busy machine needs.</param>
    public async Task<RawMessage> ExpectAsync(string what, TimeSpan? patience = null) =>
        await FindAsync(message => message.Is(what) && !_taken.Any(taken => taken.Identity == message.Identity), what, patience ?? s_patience);

    /// <summary>Waits until a message comes once more, octet for octet.</summary>
    public async Task<RawMessage> ExpectAgainAsync(RawMessage message) =>
        await FindAsync(again => !_taken.Contains(again) && again.Octets.AsSpan().SequenceEqual(message.Octets), $"{message.StartLine} again", s_patience);

    /// <summary>Whether such a message came, taken or not.</summary>
    public bool Has(string what) => Count(what) > 0;

    /// <summary>How many such messages came, those that are the same counted once.</summary>
    public int Count(string what)
    {
        lock (_gate) return _received.Where(message => message.Is(what)).Select(message => message.Identity).Distinct().Count();
    }

    /// <summary>From now on it sends over a connection of its own to the product.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The stream owns the socket, and the carrier the stream.")]
    public async Task ConnectAsync()
    {
        Socket socket = new(At.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(At.Address, 0));
        await socket.ConnectAsync(_pbx, _ending.Token);
        NetworkStream stream = new(socket, ownsSocket: true);
        _connections.Add(stream);
        (_send, _transport) = (octets => stream.Write(octets), "TCP");
        _ = ReceiveStreamAsync(stream);
    }

    /// <summary>Sends octets as they are.</summary>
    public void SendOctets(byte[] octets)
    {
        Note("carrier", octets);
        _send(octets);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_ending.IsCancellationRequested) return;             // the script has closed it already
        await _ending.CancelAsync();
        _datagrams.Dispose();
        _listener.Dispose();
        foreach (Stream connection in _connections) await connection.DisposeAsync();
        Media.Dispose();
        _ending.Dispose();
    }

    private async Task<RawMessage> FindAsync(Func<RawMessage, bool> wanted, string what, TimeSpan patience)
    {
        long end = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (true)
        {
            Task news;
            lock (_gate)
            {
                if (_received.FirstOrDefault(wanted) is { } found)
                {
                    _taken.Add(found);
                    return found;
                }
                news = _news.Task;
            }
            TimeSpan left = TimeSpan.FromMilliseconds(Math.Max(0, end - Environment.TickCount64));
            try
            {
                await news.WaitAsync(left);
            }
            catch (TimeoutException)
            {
                throw new CarrierException($"The carrier did not get: {what}{Environment.NewLine}{Trace}");
            }
        }
    }

    private async Task ReceiveDatagramsAsync()
    {
        byte[] buffer = new byte[65536];
        try
        {
            while (true)
            {
                SocketReceiveFromResult datagram = await _datagrams.ReceiveFromAsync(buffer, At, _ending.Token);
                Take(buffer[..datagram.ReceivedBytes], octets => _datagrams.SendTo(octets, datagram.RemoteEndPoint));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // the scenario is over
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Stream stream = new NetworkStream(await _listener.AcceptAsync(_ending.Token), ownsSocket: true);
                _connections.Add(stream);
                _ = ServeAsync(stream);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // the scenario is over
        }
    }

    private async Task ServeAsync(Stream stream)
    {
        if (_tls is not null)
        {
            SslStream secured = new(stream);
            _connections.Add(secured);
            try
            {
                await secured.AuthenticateAsServerAsync(_tls, _ending.Token);
            }
            catch (Exception error) when (error is IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException or ObjectDisposedException)
            {
                lock (_gate) _trace.AppendLine(CultureInfo.InvariantCulture, $"-- no TLS: {error.Message}");
                return;
            }
            stream = secured;
        }
        await ReceiveStreamAsync(stream);
    }

    // RFC 3261 §18.3: by Content-Length. An answer to a keep-alive (RFC 5626 §4.4.1) is a message of its own here.
    private async Task ReceiveStreamAsync(Stream stream)
    {
        List<byte> held = [];
        byte[] buffer = new byte[65536];
        try
        {
            while (true)
            {
                int count = await stream.ReadAsync(buffer, _ending.Token);
                if (count == 0) return;
                held.AddRange(buffer.AsSpan(0, count));
                while (WholeLength(Encoding.Latin1.GetString([.. held])) is > 0 and int length)
                {
                    Take([.. held[..length]], octets => stream.Write(octets));
                    held.RemoveRange(0, length);
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or IOException)
        {
            // the scenario is over, or the product has closed
        }
    }

    private static int WholeLength(string text)
    {
        if (text.StartsWith("\r\n", StringComparison.Ordinal)) return 2;
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return 0;
        int length = end + 4 + int.Parse(new RawMessage(Encoding.Latin1.GetBytes(text[..(end + 4)]), static _ => { })["Content-Length"], CultureInfo.InvariantCulture);
        return length <= text.Length ? length : 0;
    }

    private void Take(byte[] octets, Action<byte[]> reply)
    {
        Note("PBX", octets);
        lock (_gate)
        {
            _received.Add(new RawMessage(octets, reply));
            _news.TrySetResult();
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void Note(string who, byte[] octets)
    {
        string text = Encoding.Latin1.GetString(octets);
        lock (_gate) _trace.AppendLine(CultureInfo.InvariantCulture, $"-- {DateTime.UtcNow:HH:mm:ss.fff} {who}, {octets.Length} octets:").AppendLine(text.Length > 3000 ? text[..3000] + " …" : text);
    }
}
