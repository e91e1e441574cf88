using System.Net.Security;
using System.Net.WebSockets;
using System.Text;

namespace CloudPbx.Edge.Tests;

/// <summary>What a browser's phone has: a WebSocket of the sub-protocol <c>sip</c>, which sends literal octets.</summary>
internal sealed class WebSocketPeer : IDisposable
{
    private readonly ClientWebSocket _socket;

    private WebSocketPeer(ClientWebSocket socket) => _socket = socket;

    public string? SubProtocol => _socket.SubProtocol;

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public static async Task<WebSocketPeer> ConnectAsync(Uri address, SslClientAuthenticationOptions? tls = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("sip");
        using var handler = new SocketsHttpHandler();
        if (tls is not null)
            handler.SslOptions = tls;
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        using CancellationTokenSource limit = Limit();
        await socket.ConnectAsync(address, invoker, limit.Token);
        return new WebSocketPeer(socket);
    }

    public async Task SendAsync(string text)
    {
        using CancellationTokenSource limit = Limit();
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
    }

    /// <summary>Sends one message in two fragments (RFC 6455 §5.4).</summary>
    public async Task SendInTwoAsync(string text)
    {
        using CancellationTokenSource limit = Limit();
        byte[] octets = Encoding.UTF8.GetBytes(text);
        await _socket.SendAsync(octets.AsMemory(0, 20), WebSocketMessageType.Binary, endOfMessage: false, limit.Token);
        await _socket.SendAsync(octets.AsMemory(20), WebSocketMessageType.Binary, endOfMessage: true, limit.Token);
    }

    /// <summary>One whole message; of type close when the edge ended the connection.</summary>
    public async Task<(string Text, WebSocketMessageType Type)> ReceiveAsync()
    {
        using CancellationTokenSource limit = Limit();
        byte[] buffer = new byte[65536];
        int length = 0;
        ValueWebSocketReceiveResult read;
        do
        {
            read = await _socket.ReceiveAsync(buffer.AsMemory(length), limit.Token);
            length += read.Count;
        }
        while (!read.EndOfMessage);
        return (Encoding.Latin1.GetString(buffer, 0, length), read.MessageType);
    }

    public void Dispose() => _socket.Dispose();

    private static CancellationTokenSource Limit() => new(TimeSpan.FromSeconds(10));
}
