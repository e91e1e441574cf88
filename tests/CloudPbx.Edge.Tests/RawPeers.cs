using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace CloudPbx.Edge.Tests;

/// <summary>A UDP socket that sends literal octets.</summary>
internal sealed class UdpPeer : IDisposable
{
    private readonly UdpClient _socket;
    private readonly IPEndPoint _edge;

    public UdpPeer(IPEndPoint edge, string from = "127.0.0.1")
    {
        _edge = edge;
        _socket = new UdpClient(new IPEndPoint(IPAddress.Parse(from), 0));
    }

    public int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(byte[] octets) => await _socket.SendAsync(octets, _edge);

    public async Task<string> ReceiveAsync() => Encoding.UTF8.GetString(await ReceiveOctetsAsync());

    public async Task<byte[]> ReceiveOctetsAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return (await _socket.ReceiveAsync(limit.Token)).Buffer;
    }

    /// <summary>What has come.</summary>
    public List<byte[]> Waiting()
    {
        List<byte[]> datagrams = [];
        IPEndPoint? from = null;
        while (_socket.Available > 0)
            datagrams.Add(_socket.Receive(ref from));
        return datagrams;
    }

    /// <summary>Whether nothing comes before the edge has answered a keep-alive that was sent afterwards.</summary>
    public async Task<bool> IsSilentAsync()
    {
        // With SOFTWARE (RFC 8489 §14.14), so that it is as long as its answer (S32).
        byte[] stun = [0, 1, 0, 16, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x80, 0x22, 0, 12, .. "Test of mine"u8];
        await SendAsync(stun);
        byte[] next = await ReceiveOctetsAsync();
        return next[0] == 1 && next[1] == 1;
    }

    public void Dispose() => _socket.Dispose();
}

/// <summary>A TCP or TLS connection that sends literal octets.</summary>
internal sealed class StreamPeer : IDisposable
{
    private readonly TcpClient _client;
    private readonly Stream _stream;
    private readonly StringBuilder _buffer = new();

    private StreamPeer(TcpClient client, Stream stream)
    {
        _client = client;
        _stream = stream;
    }

    public int Port => ((IPEndPoint)_client.Client.LocalEndPoint!).Port;

    public SslStream Secure => (SslStream)_stream;

    public static async Task<StreamPeer> ConnectAsync(IPEndPoint edge, SslClientAuthenticationOptions? tls = null)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(edge);
        Stream stream = client.GetStream();
        if (tls is not null)
        {
            var secure = new SslStream(stream);
            await secure.AuthenticateAsClientAsync(tls);
            stream = secure;
        }
        return new StreamPeer(client, stream);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> octets)
    {
        await _stream.WriteAsync(octets);
        await _stream.FlushAsync();
    }

    /// <summary>The next message's header section (our answers have no body).</summary>
    public async Task<string> ReceiveAsync()
    {
        int end;
        while ((end = _buffer.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            if (!await ReadMoreAsync())
                throw new EndOfStreamException();
        }
        string message = _buffer.ToString(0, end + 4);
        _buffer.Remove(0, end + 4);
        return message;
    }

    public async Task<string> ReceiveOctetsAsync(int count)
    {
        while (_buffer.Length < count)
        {
            if (!await ReadMoreAsync())
                throw new EndOfStreamException();
        }
        string octets = _buffer.ToString(0, count);
        _buffer.Remove(0, count);
        return octets;
    }

    /// <summary>Reads until the edge closes the connection.</summary>
    public async Task<string> ReceiveRestAsync()
    {
        while (await ReadMoreAsync())
        {
        }
        return _buffer.ToString();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
    }

    private async Task<bool> ReadMoreAsync()
    {
        byte[] chunk = new byte[65536];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            int read = await _stream.ReadAsync(chunk, limit.Token);
            _buffer.Append(Encoding.UTF8.GetString(chunk, 0, read));
            return read > 0;
        }
        catch (IOException)
        {
            return false;       // reset
        }
    }
}
