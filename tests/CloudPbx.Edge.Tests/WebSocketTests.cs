using System.Net;
using System.Net.WebSockets;
using System.Text;
using CloudPbx.Edge.Guard;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using CloudPbx.State.Bans;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

/// <summary>SIP over WebSocket (RFC 7118), as phones in browsers use it.</summary>
public class WebSocketTests
{
    private static Uri At(TestEdge edge) => new UriBuilder(edge.Web) { Scheme = "ws", Path = "/sip" }.Uri;

    [Fact]          // §4, §5.1: sub-protocol "sip", Via transport WSS; the name is verified through the whole chain
    public async Task A_browser_on_the_WSS_port_registers_and_is_called()
    {
        using var files = new CertificateFiles();
        files.Write("localhost");
        await using TestEdge edge = await StartAsync(o => (o.CertificatePath, o.KeyPath, o.WssPort) = (files.CertificatePath, files.KeyPath, EdgeOptions.AnyPort));
        using WebSocketPeer phone = await WebSocketPeer.ConnectAsync(new($"wss://localhost:{edge.Wss.Port}/sip"), files.Client("localhost"));
        Assert.Equal("sip", phone.SubProtocol);
        await phone.SendAsync(Request("REGISTER", "WSS"));
        SipRequest register = await edge.Worker.RequestAsync();
        Assert.True(FlowToken.TryParse(FlowOf(register), edge.Key, out FlowToken flow));
        Assert.Equal((SipTransport.Wss, edge.Wss.Port), (flow.Transport, flow.AdvertisedPort));
        edge.Worker.Send(SipResponse.For(register, 200));
        (string answer, WebSocketMessageType type) = await phone.ReceiveAsync();
        Assert.StartsWith("SIP/2.0 200 ", answer, StringComparison.Ordinal);
        Assert.Equal(WebSocketMessageType.Text, type);
        edge.Worker.Send(Outward(FlowOf(register), edge.Worker.EdgeId));
        Assert.Contains("Via: SIP/2.0/WSS 127.0.0.1:" + edge.Wss.Port, (await phone.ReceiveAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_process_own_web_server_serves_browsers_too()
    {
        await using TestEdge edge = await StartAsync();
        using WebSocketPeer phone = await WebSocketPeer.ConnectAsync(At(edge));
        await phone.SendAsync(Request("REGISTER", "WS"));
        SipRequest register = await edge.Worker.RequestAsync();
        Assert.True(FlowToken.TryParse(FlowOf(register), edge.Key, out FlowToken flow));
        Assert.Equal((SipTransport.Ws, edge.Web.Port), (flow.Transport, flow.AdvertisedPort));
    }

    [Fact]          // §5: a WebSocket message is one SIP message, so Content-Length may be absent; the inner link gets one (RFC 3261 §18.3)
    public async Task A_message_needs_no_Content_Length_and_may_come_in_fragments()
    {
        await using TestEdge edge = await StartAsync();
        using WebSocketPeer phone = await WebSocketPeer.ConnectAsync(At(edge));
        await phone.SendInTwoAsync(Request("MESSAGE", "WS").Replace("Content-Length: 0\r\n\r\n", "\r\nhello", StringComparison.Ordinal));
        SipRequest message = await edge.Worker.RequestAsync();
        Assert.Equal("hello", Encoding.UTF8.GetString(message.Body.Span));
    }

    [Fact]          // §5: each SIP message in a WebSocket message of its own
    public async Task Messages_never_share_a_WebSocket_message()
    {
        await using TestEdge edge = await StartAsync();
        using WebSocketPeer phone = await WebSocketPeer.ConnectAsync(At(edge));
        await phone.SendAsync(Request("REGISTER", "WS"));
        string flow = FlowOf(await edge.Worker.RequestAsync());
        for (int i = 0; i < 20; i++)
            edge.Worker.Send(Outward(flow, edge.Worker.EdgeId, branch: $"z9hG4bKw{i}"));
        for (int i = 0; i < 20; i++)
        {
            string text = (await phone.ReceiveAsync()).Text;
            Assert.StartsWith("INVITE ", text, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\n", text, StringComparison.Ordinal);
            Assert.Equal(0, text.IndexOf("INVITE sip:", StringComparison.Ordinal));
            Assert.Equal(-1, text.IndexOf("INVITE sip:", 1, StringComparison.Ordinal));
        }
    }

    [Fact]          // RFC 6455 §8.1: a text message that is no UTF-8 would end the connection
    public async Task What_is_no_UTF_8_goes_as_a_binary_message()
    {
        await using TestEdge edge = await StartAsync();
        using WebSocketPeer phone = await WebSocketPeer.ConnectAsync(At(edge));
        await phone.SendAsync(Request("OPTIONS", "WS"));
        SipRequest options = await edge.Worker.RequestAsync();
        byte[] answer = Encoding.Latin1.GetBytes(SipResponse.For(options, 200, "Gr\u00fc\u00dfe").ToString()!);
        edge.Worker.Send(answer);
        (string text, WebSocketMessageType type) = await phone.ReceiveAsync();
        Assert.Equal(WebSocketMessageType.Binary, type);
        Assert.StartsWith("SIP/2.0 200 Gr\u00fc\u00dfe\r\n", text, StringComparison.Ordinal);
    }

    [Fact]          // §6, RFC 5626 §3.5.1
    public async Task A_ping_gets_a_pong()
    {
        await using TestEdge edge = await StartAsync();
        using WebSocketPeer phone = await WebSocketPeer.ConnectAsync(At(edge));
        await phone.SendAsync("\r\n\r\n");
        Assert.Equal("\r\n", (await phone.ReceiveAsync()).Text);
    }

    [Fact]          // §4
    public async Task Whoever_does_not_offer_the_sub_protocol_is_refused_with_a_sentence()
    {
        await using TestEdge edge = await StartAsync();
        using var client = new HttpClient { BaseAddress = edge.Web };
        using HttpResponseMessage plain = await client.GetAsync(new Uri("/sip", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UpgradeRequired, plain.StatusCode);
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(At(edge), limit.Token));
        Assert.Equal(HttpStatusCode.BadRequest, socket.HttpStatusCode);
    }

    [Theory]                                                                             // RFC 6455 §10.2
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]                                                          // a page in a sandbox
    [InlineData("https://crm.example", true)]
    [InlineData("own", true)]
    [InlineData(null, true)]                                                             // no browser
    public async Task S21_a_page_of_another_origin_gets_no_connection(string? origin, bool connects)
    {
        await using TestEdge edge = await StartAsync(options => options.WebSocketOrigins = ["https://crm.example"]);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("sip");
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin == "own" ? $"http://{At(edge).Authority}" : origin);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        if (connects)
        {
            await socket.ConnectAsync(At(edge), limit.Token);
            return;
        }
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(At(edge), limit.Token));
        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    [Theory]                                                                             // RFC 6455 §7.4.1: 1009, message too big
    [InlineData(65_536, false, true)]
    [InlineData(65_536, true, true)]
    [InlineData(65_537, false, false)]
    [InlineData(65_537, true, false)]
    [InlineData(1_048_576, false, false)]
    public async Task S10_S21_a_message_of_more_than_64_kB_ends_the_connection_and_reaches_nobody(int octets, bool inTwo, bool passes)
    {
        await using TestEdge edge = await StartAsync();
        using WebSocketPeer phone = await WebSocketPeer.ConnectAsync(At(edge));
        string head = Request("REGISTER", "WS", more: $"X: {new string('x', 30_000)}\r\n");             // header and body have limits of their own
        string body = new('b', octets - head.Length - $"{octets - head.Length}".Length + 1);
        string message = head.Replace("Content-Length: 0", $"Content-Length: {body.Length}", StringComparison.Ordinal) + body;
        Assert.Equal(octets, message.Length);
        await (inTwo ? phone.SendInTwoAsync(message) : phone.SendAsync(message));
        if (passes)
        {
            Assert.Equal(SipMethod.Register, (await edge.Worker.RequestAsync()).Method);
            return;
        }
        Assert.Equal(WebSocketMessageType.Close, (await phone.ReceiveAsync()).Type);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, phone.CloseStatus);
        Assert.False(edge.Worker.HasMore);
    }

    [Fact]
    public async Task What_is_no_SIP_is_answered_where_it_can_be_and_the_connection_lives()
    {
        await using TestEdge edge = await StartAsync();
        using WebSocketPeer phone = await WebSocketPeer.ConnectAsync(At(edge));
        await phone.SendAsync("nonsense");
        await phone.SendAsync(Request("OPTIONS", "WS").Replace("CSeq: 1 OPTIONS", "CSeq: 1 BYE", StringComparison.Ordinal));
        Assert.StartsWith("SIP/2.0 400 ", (await phone.ReceiveAsync()).Text, StringComparison.Ordinal);
        await phone.SendAsync(Request("REGISTER", "WS", branch: "z9hG4bK2"));
        Assert.Equal(SipMethod.Register, (await edge.Worker.RequestAsync()).Method);
    }

    [Fact]
    public async Task S36_a_banned_source_gets_few_handshakes_and_is_heard_when_it_calls_for_help()
    {
        await using TestEdge edge = await StartAsync();
        edge.Sources.Bans!.Add(new BanSubject(BanSource.From(IPAddress.Loopback)), DateTime.UtcNow.AddMinutes(10));
        using WebSocketPeer phone = await WebSocketPeer.ConnectAsync(At(edge));
        await phone.SendAsync(Request("OPTIONS", "WS"));
        await phone.SendAsync(Request("INVITE", "WS", uri: "sip:112@acme.example", branch: "z9hG4bK2"));
        Assert.Equal("INVITE", (await edge.Worker.RequestAsync()).Method.Name);
        Assert.False(edge.Worker.HasMore);
        await Assert.ThrowsAsync<WebSocketException>(async () =>
        {
            for (int i = 0; i < 5 * EmergencyBrake.ConnectionBurst; i++)
                (await WebSocketPeer.ConnectAsync(At(edge))).Dispose();
        });
    }

    [Fact]
    public async Task S20_one_source_has_so_many_connections_and_no_more()
    {
        await using TestEdge edge = await StartAsync(o => o.MaxConnectionsPerSource = 1);
        using (WebSocketPeer first = await WebSocketPeer.ConnectAsync(At(edge)))
            await Assert.ThrowsAsync<WebSocketException>(() => WebSocketPeer.ConnectAsync(At(edge)));
        await Eventually(() => edge.Flows.Connections.Count == 0);
    }

    [Fact]          // RFC 6455 §7.4.1: 1001, going away
    public async Task An_edge_that_stops_tells_the_browser_to_go_elsewhere()
    {
        await using TestEdge edge = await StartAsync();
        using WebSocketPeer phone = await WebSocketPeer.ConnectAsync(At(edge));
        await phone.SendAsync(Request("REGISTER", "WS"));
        await edge.Worker.RequestAsync();
        Task stopped = edge.DisposeAsync().AsTask();
        Assert.Equal(WebSocketMessageType.Close, (await phone.ReceiveAsync()).Type);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, phone.CloseStatus);
        phone.Dispose();
        await stopped;
    }
}
