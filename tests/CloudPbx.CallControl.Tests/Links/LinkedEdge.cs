using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Threading.Channels;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Ids;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Tests.Links;

/// <summary>An edge at the other end of a real inner link: it speaks the link's protocol in literal messages.</summary>
internal sealed class LinkedEdge : IAsyncDisposable
{
    public const string Id = "0a0b0c0d";

    private readonly InnerLink _link;
    private readonly Task _receiving;
    private uint _hellos;
    private readonly Channel<SipMessage> _inbox = Channel.CreateUnbounded<SipMessage>();

    private readonly Channel<SipMessage> _notices = Channel.CreateUnbounded<SipMessage>();

    public LinkedEdge(EdgeLinks worker)
    {
        (IDuplexPipe edge, IDuplexPipe other) = DuplexPipePair.Create();
        worker.Accept(other);
        _link = new InnerLink(edge);
        _receiving = _link.ReceiveAsync(
            (_, octets) =>
            {
                SipMessage.TryParse(octets, out SipMessage? message);
                (message is SipRequest { Method.Name: "MOVED" } ? _notices : _inbox).Writer.TryWrite(message!);
            },
            CancellationToken.None);
    }

    public static string FlowToken { get; } = new FlowToken
    {
        EdgeId = 0x0a0b0c0d,
        Transport = SipTransport.Tls,
        ConnectionId = 7,
        Remote = InternetEndPoint.From(new IPEndPoint(IPAddress.Parse("192.0.2.9"), 40001)),
        AdvertisedHost = "pbx.test",
        AdvertisedPort = 5061,
    }.ToString(EdgeKey.CreateRandom());

    public void Hello() => Assert.True(_link.TrySend(InnerHello.Create(0x0a0b0c0d, ++_hellos)));

    public void Register(TenantId tenant, string maxForwards = "69", string method = "REGISTER", string from = "100@acme.test") => Send(
        $"""
        {method} sip:acme.test SIP/2.0
        Route: <sip:{tenant}@worker;lr>
        Via: SIP/2.0/TCP {Id}.invalid;branch=z9hG4bK{Guid.NewGuid():N};flow={FlowToken}
        Via: SIP/2.0/TLS 192.0.2.9:40001;branch=z9hG4bK{Guid.NewGuid():N}
        Max-Forwards: {maxForwards}
        From: <sip:{from}>;tag=phone
        To: <sip:100@acme.test>
        Call-ID: registration
        CSeq: 1 {method}
        Contact: <sip:100@192.0.2.9:40001>
        Content-Length: 0


        """);

    public void Send(string text) => Assert.True(_link.TrySend(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"))));

    public async Task<SipMessage> ReceiveAsync() => await _inbox.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);

    /// <summary>The next notice of where a tenant lives.</summary>
    public async Task<SipRequest> MovedAsync() => (SipRequest)await _notices.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        await _receiving.WaitAsync(Patience.Limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
