using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Edge.Guard;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge.Listeners;

/// <summary>Serves browsers' connections: the opening handshake with sub-protocol <c>sip</c>, then one SIP message for each WebSocket message (RFC 7118).</summary>
internal sealed class WebSocketHandler(
    EdgeIdentity identity, IOptions<EdgeOptions> options, OpenFlows flows, MessageDispatcher dispatcher, SourceLimiter limiter, ConnectionLimiter connections, Newcomers newcomers, BanGate bans, EmergencyBrake brake, EdgeDrain drain,
    AdvertisedAddresses addresses, IHostApplicationLifetime lifetime, TimeProvider time, EdgeMetrics metrics)
{
    /// <summary>The sub-protocol (RFC 7118 §4).</summary>
    private const string SubProtocol = "sip";

    /// <summary>The most octets of a message, however many frames it comes in (S21): what a browser sends is a tenth of that, and the parser's limits are meant for header and body apart.</summary>
    private const int MostOctets = 65_536;

    // A browser that vanished leaves its connection standing; pings find out (RFC 7118 §6).
    private static readonly TimeSpan s_ping = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_rateWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(2);

    private readonly int _longest = Math.Min(MostOctets, options.Value.MaxHeaderSection + options.Value.MaxBody);

    /// <summary>Serves a request that came by the process's own web server: sources with too many connections are turned away first, and banned ones but for a few.</summary>
    /// <param name="context">A request to <c>/sip</c>.</param>
    public async Task AdmitAsync(HttpContext context)
    {
        if (WebPeer.Of(context) is not { Remote: var source })
            return;
        if (drain.IsDraining || (bans.Covers(source) && !brake.TryConnect(source)) || !connections.TryEnter(source))
        {
            metrics.Dropped("connection");
            context.Abort();
            return;
        }
        try
        {
            await ServeAsync(context);
        }
        finally
        {
            connections.Leave(source);
        }
    }

    /// <summary>Answers the handshake of an admitted connection and serves it until it ends.</summary>
    /// <param name="context">A request to <c>/sip</c>.</param>
    public async Task ServeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(context, StatusCodes.Status426UpgradeRequired, "This address speaks SIP over WebSocket (RFC 7118): connect with a SIP phone for browsers.");
            return;
        }
        if (!context.WebSockets.WebSocketRequestedProtocols.Contains(SubProtocol, StringComparer.OrdinalIgnoreCase))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "The client must offer the WebSocket sub-protocol \"sip\" (RFC 7118 section 4).");
            return;
        }
        if (!IsAllowed(context.Request))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "Pages of this origin may not use the phone; an operator can allow it (Edge:WebSocketOrigins).");
            return;
        }
        if (WebPeer.Of(context) is not { } peer)
            return;
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { SubProtocol = SubProtocol, KeepAliveInterval = s_ping, KeepAliveTimeout = s_ping });
        EdgeConnection flow = FlowOf(context, socket, peer);
        await using CancellationTokenRegistration stop = lifetime.ApplicationStopping.UnsafeRegister(_ => _ = EndAsync(flow, socket), null);
        flows.Add(flow);
        if (context.Features.Get<IConnectionItemsFeature>() is { Items: { } items })
            newcomers.Leave(items);
        metrics.ConnectionOpened(flow.Transport);
        try
        {
            WebSocketCloseStatus status = await ReadAsync(flow, socket, context.RequestAborted);
            await CloseAsync(flow, socket, status);
        }
        catch (Exception e) when (e is WebSocketException or IOException or InvalidOperationException or OperationCanceledException)
        {
            // The peer or a deadline ended it: an ordinary end.
        }
        finally
        {
            flows.Remove(flow);
            flow.Close();
            metrics.ConnectionClosed(flow.Transport);
        }
    }

    // S21: a browser says whose page asks (RFC 6455 §10.2); our own, or one that the operator named. A phone that is no browser says nothing.
    private bool IsAllowed(HttpRequest request) => request.Headers.Origin is not [{ Length: > 0 } origin]
        ? request.Headers.Origin.Count == 0
        : (Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase))
            || options.Value.WebSocketOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    private EdgeConnection FlowOf(HttpContext context, WebSocket socket, in WebPeer peer)
    {
        ulong id = flows.NextId();
        var token = new FlowToken
        {
            EdgeId = identity.Id,
            Transport = peer.IsSecure ? SipTransport.Wss : SipTransport.Ws,
            ConnectionId = id,
            Remote = peer.Remote,
            AdvertisedHost = addresses.For(peer.Remote, peer.Local),
            AdvertisedPort = peer.Port,
        };
        return new EdgeConnection(id, token, identity.Key, new WebSocketWriteQueue(socket, EdgeConnection.QueueLimit), context.Abort, time) { IsOfBanned = bans.Covers(peer.Remote) };
    }

    private async Task<WebSocketCloseStatus> ReadAsync(EdgeConnection flow, WebSocket socket, CancellationToken cancel)
    {
        while (true)
        {
            // A phone that waits for a call costs no buffer.
            ValueWebSocketReceiveResult read = await socket.ReceiveAsync(Memory<byte>.Empty, cancel);
            if (read.MessageType == WebSocketMessageType.Close)
                return WebSocketCloseStatus.NormalClosure;
            byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);
            try
            {
                int length = 0;
                do
                {
                    if (length == _longest)
                        return WebSocketCloseStatus.MessageTooBig;
                    if (length == buffer.Length)
                        Grow(ref buffer, length);
                    read = await socket.ReceiveAsync(buffer.AsMemory(length, Math.Min(buffer.Length, _longest) - length), cancel);
                    if (read.MessageType == WebSocketMessageType.Close)
                        return WebSocketCloseStatus.NormalClosure;
                    length += read.Count;
                }
                while (!read.EndOfMessage);
                while (!limiter.TryTake(flow.Remote))
                {
                    metrics.Delayed();
                    await Task.Delay(s_rateWait, time, cancel);
                }
                Take(flow, buffer.AsSpan(0, length));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private void Take(EdgeConnection flow, ReadOnlySpan<byte> message)
    {
        if (message.SequenceEqual("\r\n\r\n"u8))
        {
            flow.TrySend("\r\n"u8);                     // RFC 5626 §3.5.1, which some phones in browsers use here too
            return;
        }
        if (message.TrimStart("\r\n"u8).IsEmpty)
            return;
        flow.Spoke();
        using WriteBatch.Scope batch = WriteBatch.Begin();
        dispatcher.FromPeer(new Peer(flow), message);
    }

    private static void Grow(ref byte[] buffer, int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(2 * length);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    // The process stops: the browser is told to go elsewhere (RFC 6455 §7.4.1), its answer ends the reading.
    private async Task EndAsync(EdgeConnection flow, WebSocket socket)
    {
        await CloseAsync(flow, socket, WebSocketCloseStatus.EndpointUnavailable);
        await Task.Delay(s_closing, time);
        flow.Abort();
    }

    private static async Task CloseAsync(EdgeConnection flow, WebSocket socket, WebSocketCloseStatus status)
    {
        flow.Close();
        using var limit = new CancellationTokenSource(s_closing);
        try
        {
            await socket.CloseOutputAsync(status, null, limit.Token);
        }
        catch (Exception e) when (e is WebSocketException or IOException or InvalidOperationException or OperationCanceledException)
        {
            // It is gone already.
        }
    }

    private static async Task RefuseAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status426UpgradeRequired)
            context.Response.Headers.Upgrade = "websocket";
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(sentence + "\n");
    }
}
