using System.Globalization;
using System.Net;
using System.Text;
using System.Threading.Channels;
using CloudPbx.CallControl.Links;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>A phone of literal messages: it does what a test tells it, and nothing else.</summary>
internal sealed class StubPhone
{
    private static int s_count;

    private readonly TestTenant _pbx;
    private readonly Channel<SipMessage> _inbox = Channel.CreateUnbounded<SipMessage>();
    private readonly DigestClient _digest;
    private FlowToken _flow;
    private int _number;

    public StubPhone(TestTenant pbx, string user, string password, SipTransport transport, string address, int? listensOn = null)
    {
        _pbx = pbx;
        User = user;
        Transport = transport;
        int port = listensOn ?? 40000 + Interlocked.Increment(ref s_count);
        IPEndPoint remote = new(IPAddress.Parse(address), port);
        Remote = remote;
        Contact = $"sip:{user}@{remote}";
        _flow = new FlowToken
        {
            EdgeId = FakeEdge.Id,
            Transport = transport,
            ConnectionId = transport == SipTransport.Udp ? 0 : (ulong)port,
            Remote = InternetEndPoint.From(remote),
            AdvertisedHost = "pbx.test",
            AdvertisedPort = 5061,
        };
        FlowToken = _flow.ToString(pbx.Edge.Key);
        _digest = DigestClient.ForRealm(pbx.Domain, new DigestAccount(user, DigestSecret.FromPassword(password)), () => "cnonce");
    }

    public string User { get; }

    /// <summary>Its address and port.</summary>
    public IPEndPoint Remote { get; }

    public SipTransport Transport { get; }

    public string FlowToken { get; private set; }

    public string Contact { get; set; }

    public string? UserAgent { get; set; }

    public string RegisterCallId { get; set; } = Guid.NewGuid().ToString("N");

    public uint RegisterCSeq { get; set; } = 1;

    /// <summary>It has shown a client certificate that a trunk has as its source.</summary>
    public void Prove(string source)
    {
        _pbx.Edge.Remove(this);
        _flow = _flow with { ProvedSource = CertificateSource.DigestOf(source) };
        FlowToken = _flow.ToString(_pbx.Edge.Key);
        _pbx.Edge.Add(this);
    }

    /// <summary>Its connection is another one from now on.</summary>
    public void Reconnect()
    {
        _flow = _flow with { ConnectionId = _flow.ConnectionId + 100_000 };
        FlowToken = _flow.ToString(_pbx.Edge.Key);
    }

    /// <summary>The token of the way to it by another edge.</summary>
    public string TokenBy(uint edge) => (_flow with { EdgeId = edge }).ToString(_pbx.Edge.Key);

    /// <summary>A request of this phone with what every request needs; a body is SDP unless a field says otherwise.</summary>
    public SipRequest Request(SipMethod method, string uri, string? body = null, params (string Name, string Value)[] fields)
    {
        SipRequest request = new(method, SipUri.Parse(uri));
        request.Headers.Add(SipHeaderName.Via, $"SIP/2.0/{Flow.TransportName(Transport)} 192.0.2.9:5060;branch=z9hG4bK{Guid.NewGuid():N}");
        request.Headers.Add(SipHeaderName.MaxForwards, "70");
        request.Headers.Add(SipHeaderName.From, $"\"Mallory\" <sip:{User}@{_pbx.Domain}>;tag=p{Interlocked.Increment(ref _number)}");
        request.Headers.Add(SipHeaderName.To, method == SipMethod.Register ? $"<sip:{User}@{_pbx.Domain}>" : $"<{uri}>");
        request.Headers.Add(SipHeaderName.CallId, Guid.NewGuid().ToString("N"));
        request.Headers.Add(SipHeaderName.CSeq, $"1 {method.Name}");
        if (UserAgent is not null)
            request.Headers.Add(SipHeaderName.UserAgent, UserAgent);
        if (method == SipMethod.Invite || method == SipMethod.Update)
            request.Headers.Add(SipHeaderName.Contact, $"<{Contact}>");
        if (body is not null)
            request.SetBody(Encoding.UTF8.GetBytes(body), "application/sdp");
        foreach ((string name, string value) in fields)
            request.Headers.Set(name, value);
        return request;
    }

    /// <summary>Sends a message the way the edge would hand it to the worker.</summary>
    public void Send(SipMessage message)
    {
        SipMessage.TryParse(message.ToBytes(), out SipMessage? copy);
        if (copy is SipRequest request)
        {
            // The edge's branch is the same for retransmissions, CANCEL and ACK: a function of the phone's.
            request.Headers.AddFirst(SipHeaderName.Via,
                $"SIP/2.0/TCP {InnerNames.EdgeVia(FakeEdge.Id)};branch=z9hG4bKe{request.TopVia.Branch![7..]};{InnerNames.FlowParameter}={FlowToken}");
            _pbx.Deliver(request, new EdgeFlow(_pbx.Edge, _pbx.Tenant, _flow, FlowToken));
        }
        else
        {
            _pbx.Deliver(copy!, LinkFlow.Instance);
        }
    }

    /// <summary>The next message for this phone.</summary>
    public async Task<SipMessage> ReceiveAsync() => await _inbox.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);

    /// <summary>Whether nothing has come that was not read.</summary>
    public bool HasNothing => !_inbox.Reader.TryPeek(out _);

    /// <summary>The next response; anything else is a fault of the test.</summary>
    public async Task<SipResponse> ResponseAsync() => Assert.IsType<SipResponse>(await ReceiveAsync());

    /// <summary>The next final response; 1xx before it are skipped.</summary>
    public async Task<SipResponse> FinalAsync()
    {
        while (true)
        {
            SipResponse response = await ResponseAsync();
            if (!response.IsProvisional)
                return response;
        }
    }

    /// <summary>The final response that has come by the time that the tenant has nothing more to do; null where none has.</summary>
    public async Task<SipResponse?> FinalOrNothingAsync(TestTenant pbx)
    {
        await pbx.SettleAsync();
        while (!HasNothing)
            if (await ReceiveAsync() is SipResponse { IsProvisional: false } response)
                return response;
        return null;
    }

    /// <summary>The next request, which must be of this method.</summary>
    public async Task<SipRequest> RequestAsync(SipMethod method)
    {
        SipRequest request = Assert.IsType<SipRequest>(await ReceiveAsync());
        Assert.Equal(method, request.Method);
        return request;
    }

    /// <summary>Sends a request and answers one challenge.</summary>
    /// <returns>The response that is no challenge, and the request that it belongs to.</returns>
    public async Task<(SipResponse Response, SipRequest Request)> TryAsync(SipRequest request)
    {
        _digest.Authorize(request);
        Send(request);
        SipResponse response = await ResponseAsync();
        if (response.StatusCode is not (401 or 407))
            return (response, request);
        if (request.Method == SipMethod.Invite)
            Ack(request, response);
        SipRequest again = Again(request, response);
        Send(again);
        return (await ResponseAsync(), again);
    }

    /// <summary>The same request with credentials, the next CSeq and a branch of its own.</summary>
    public SipRequest Again(SipRequest request, SipResponse challenge)
    {
        SipMessage.TryParse(request.ToBytes(), out SipMessage? copy);
        SipRequest again = (SipRequest)copy!;
        again.Headers.Set(SipHeaderName.CSeq, new CSeq(request.CSeq.Number + 1, request.Method).ToString());
        again.Headers.Set(SipHeaderName.Via, $"SIP/2.0/{Flow.TransportName(Transport)} 192.0.2.9:5060;branch=z9hG4bK{Guid.NewGuid():N}");
        Assert.True(_digest.TryAuthorize(again, challenge));
        return again;
    }

    /// <summary>A REGISTER of this phone.</summary>
    public SipRequest Register(string? expires = "600", params string[] contacts)
    {
        SipRequest request = Request(SipMethod.Register, $"sip:{_pbx.Domain}", null,
            ("Call-ID", RegisterCallId), ("CSeq", new CSeq(RegisterCSeq, SipMethod.Register).ToString()));
        RegisterCSeq += 2;
        if (expires is not null)
            request.Headers.Add(SipHeaderName.Expires, expires);
        foreach (string contact in contacts)
            request.Headers.Add(SipHeaderName.Contact, contact);
        return request;
    }

    /// <summary>Registers this phone's contact.</summary>
    public async Task<SipResponse> RegisterAsync(string? expires = "600")
    {
        (SipResponse response, _) = await TryAsync(Register(expires, $"<{Contact}>"));
        return response;
    }

    /// <summary>Dials and authenticates.</summary>
    /// <returns>The first response that is no challenge, and the INVITE.</returns>
    public Task<(SipResponse Response, SipRequest Invite)> DialAsync(string number, string? sdp = "v=0 phone's offer") =>
        TryAsync(Request(SipMethod.Invite, $"sip:{number}@{_pbx.Domain}", sdp));

    /// <summary>Answers a request of the worker's.</summary>
    public void Answer(SipRequest request, int status, string? sdp = null, params (string Name, string Value)[] fields)
    {
        SipResponse response = SipResponse.For(request, status, null, status == 100 ? null : "t" + User + _flow.Remote.Port.ToString(CultureInfo.InvariantCulture));
        if (status is > 100 and < 300 && (request.Method == SipMethod.Invite || request.Method == SipMethod.Update))
            response.Headers.Add(SipHeaderName.Contact, $"<{Contact}>");
        foreach ((string name, string value) in fields)
        {
            if (name == "To")
                response.Headers.Set(SipHeaderName.To, value);    // another fork's tag
            else
                response.Headers.Add(name, value);
        }
        if (sdp is not null)
            response.SetBody(Encoding.UTF8.GetBytes(sdp), "application/sdp");
        Send(response);
    }

    /// <summary>Sends the ACK of a final response.</summary>
    public void Ack(SipRequest invite, SipResponse response, string? sdp = null)
    {
        bool success = response.IsSuccess;
        SipRequest ack = new(SipMethod.Ack, success ? response.Contacts[0].Uri : invite.RequestUri);
        ack.Headers.Add(SipHeaderName.Via, success ? $"SIP/2.0/{Flow.TransportName(Transport)} 192.0.2.9:5060;branch=z9hG4bK{Guid.NewGuid():N}" : invite.TopVia.ToString());
        ack.Headers.Add(SipHeaderName.MaxForwards, "70");
        ack.Headers.Add(SipHeaderName.From, invite.From.ToString());
        ack.Headers.Add(SipHeaderName.To, response.To.ToString());
        ack.Headers.Add(SipHeaderName.CallId, invite.CallId);
        ack.Headers.Add(SipHeaderName.CSeq, new CSeq(invite.CSeq.Number, SipMethod.Ack).ToString());
        if (sdp is not null)
            ack.SetBody(Encoding.UTF8.GetBytes(sdp), "application/sdp");
        Send(ack);
    }

    /// <summary>Sends CANCEL for an INVITE.</summary>
    public void Cancel(SipRequest invite)
    {
        SipRequest cancel = new(SipMethod.Cancel, invite.RequestUri);
        cancel.Headers.Add(SipHeaderName.Via, invite.TopVia.ToString());
        cancel.Headers.Add(SipHeaderName.MaxForwards, "70");
        cancel.Headers.Add(SipHeaderName.From, invite.From.ToString());
        cancel.Headers.Add(SipHeaderName.To, invite.To.ToString());
        cancel.Headers.Add(SipHeaderName.CallId, invite.CallId);
        cancel.Headers.Add(SipHeaderName.CSeq, new CSeq(invite.CSeq.Number, SipMethod.Cancel).ToString());
        Send(cancel);
    }

    /// <summary>A request in the dialog of a call that this phone made.</summary>
    public SipRequest InDialog(SipMethod method, SipRequest invite, SipResponse answer, string? sdp = null) => Request(
        method, answer.Contacts[0].Uri.ToString(), sdp, ("From", invite.From.ToString()), ("To", answer.To.ToString()), ("Call-ID", invite.CallId),
        ("CSeq", new CSeq(invite.CSeq.Number + 1 + (uint)Interlocked.Increment(ref _number), method).ToString()));

    /// <summary>A request in the dialog of a call that this phone answered.</summary>
    public SipRequest InDialogAsCallee(SipMethod method, SipRequest invite, string? sdp = null) => Request(
        method, invite.Contacts[0].Uri.ToString(), sdp,
        ("From", invite.To.WithTag("t" + User + _flow.Remote.Port.ToString(CultureInfo.InvariantCulture)).ToString()), ("To", invite.From.ToString()),
        ("Call-ID", invite.CallId), ("CSeq", new CSeq((uint)Interlocked.Increment(ref _number), method).ToString()));

    public void Deliver(SipMessage message) => _inbox.Writer.TryWrite(message);
}
