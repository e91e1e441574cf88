using System.Net;
using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Tests.Harness;

/// <summary>A transaction layer against literal octets: what the test writes comes in, what the layer sends is recorded.</summary>
internal sealed class Wire : ITransactionUser, IDisposable
{
    private readonly Dictionary<ClientTransaction, SipRequest> _asked = [];              // a transaction that had its answer keeps nothing

    public Wire(SipTransport transport = SipTransport.Udp, int maximum = 1000, Func<SipRequest, bool>? takesBeyond = null)
    {
        Flow = new FakeFlow(
            transport, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 5060), new IPEndPoint(IPAddress.Parse("192.0.2.2"), 5060),
            octets =>
            {
                SipMessage.TryParse(octets, out SipMessage? message);
                Sent.Add((Pump.Now.TotalSeconds, message!));
            });
        Layer = new TransactionLayer(Pump.Timers, SipTimers.Default, new SipTokens(new Random(7)), this, maximum, takesBeyond);
    }

    public Pump Pump { get; } = new();

    public FakeFlow Flow { get; }

    public TransactionLayer Layer { get; }

    public List<(double At, SipMessage Message)> Sent { get; } = [];

    public List<ServerTransaction> Requests { get; } = [];

    public List<SipRequest> Acks { get; } = [];

    public List<SipResponse> Strays { get; } = [];

    public List<SipResponse> Responses { get; } = [];

    public List<TransactionFault> Faults { get; } = [];

    public IEnumerable<int> Statuses => Sent.Select(sent => sent.Message).OfType<SipResponse>().Select(response => response.StatusCode);

    /// <summary>A request as a peer writes it.</summary>
    public static string Request(
        string method, string branch = "z9hG4bKa", string? toTag = null, string fromTag = "f", uint cseq = 1, string callId = "c", string via = "192.0.2.2:5060",
        string uri = "sip:x@sip.test") =>
        $"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {via}{(branch.Length > 0 ? ";branch=" + branch : "")}\r\nMax-Forwards: 70\r\nFrom: <sip:a@sip.test>;tag={fromTag}\r\n"
        + $"To: <sip:x@sip.test>{(toTag is null ? "" : ";tag=" + toTag)}\r\nCall-ID: {callId}\r\nCSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n";

    public void Receive(string text)
    {
        Assert.Equal(SipParseError.None, SipMessage.TryParse(Encoding.ASCII.GetBytes(text), out SipMessage? message));
        Layer.Receive(message!, Flow);
    }

    public ClientTransaction Send(string method)
    {
        SipRequest request = new(SipMethod.From(method), SipUri.Parse("sip:x@sip.test"));
        request.Headers.Add(SipHeaderName.Route, "<sip:proxy.test;lr>");
        request.Headers.Add(SipHeaderName.MaxForwards, "70");
        request.Headers.Add(SipHeaderName.From, "<sip:a@sip.test>;tag=f");
        request.Headers.Add(SipHeaderName.To, "<sip:x@sip.test>");
        request.Headers.Add(SipHeaderName.CallId, "c");
        request.Headers.Add(SipHeaderName.CSeq, $"1 {method}");
        ClientTransaction sent = Layer.Send(request, Flow, (_, response) => Responses.Add(response), (_, fault) => Faults.Add(fault));
        _asked[sent] = request;
        return sent;
    }

    /// <summary>The peer answers our request.</summary>
    public void Respond(ClientTransaction transaction, int status, string toTag = "t", string? method = null)
    {
        SipResponse response = SipResponse.For(_asked[transaction], status, null, toTag);
        if (method is not null)
            response.Headers.Set(SipHeaderName.CSeq, $"1 {method}");
        SipMessage.TryParse(response.ToBytes(), out SipMessage? parsed);
        Layer.Receive(parsed!, Flow);
    }

    public void Advance(double seconds) => Pump.Advance(TimeSpan.FromSeconds(seconds));

    public void Dispose() => Pump.Dispose();

    void ITransactionUser.OnRequest(ServerTransaction transaction) => Requests.Add(transaction);

    void ITransactionUser.OnAck(SipRequest ack, Flow flow) => Acks.Add(ack);

    void ITransactionUser.OnStrayResponse(SipResponse response, Flow flow) => Strays.Add(response);
}
