using System.Globalization;
using System.Net;
using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.Harness;

/// <summary>A notifier against literal messages of a subscriber that does what a test tells it.</summary>
internal sealed class Notifier : IUserAgentCore, IDisposable
{
    public static readonly SubscriptionTerms Terms = new() { Package = "dialog", ContentType = "application/dialog-info+xml", MaximumExpires = TimeSpan.FromMinutes(10) };

    private int _branches;

    public Notifier(SipTransport transport = SipTransport.Tls)
    {
        Flow = NewFlow(transport);
        Layer = NewLayer();
    }

    public Pump Pump { get; } = new();

    public FakeFlow Flow { get; }

    public UserAgentLayer Layer { get; private set; }

    public List<SipMessage> Sent { get; } = [];

    /// <summary>What the next NOTIFY tells.</summary>
    public string State { get; set; } = "idle";

    public Subscription? Last { get; private set; }

    public List<string> Told { get; } = [];

    public IEnumerable<SipResponse> Responses => Sent.OfType<SipResponse>();

    public IEnumerable<SipRequest> Notifies => Sent.OfType<SipRequest>();

    public SipRequest LastNotify => Notifies.Last();

    public FakeFlow NewFlow(SipTransport transport = SipTransport.Tls) => new(
        transport, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 5061), new IPEndPoint(IPAddress.Parse("192.0.2.2"), 5061),
        octets =>
        {
            SipMessage.TryParse(octets, out SipMessage? message);
            Sent.Add(message!);
        });

    /// <summary>Sends a SUBSCRIBE, in the dialog of the last subscription where there is a tag.</summary>
    public SipResponse Subscribe(string? expires = "600", string? toTag = null, uint cseq = 1, string method = "SUBSCRIBE", string callId = "c", params (string Name, string? Value)[] fields)
    {
        SipRequest request = new(SipMethod.From(method), SipUri.Parse("sip:101@sip.test"));
        request.Headers.Add(SipHeaderName.Via, string.Create(CultureInfo.InvariantCulture, $"SIP/2.0/TLS 192.0.2.2;branch=z9hG4bK{++_branches}"));
        request.Headers.Add(SipHeaderName.MaxForwards, "70");
        request.Headers.Add(SipHeaderName.From, "<sip:100@sip.test>;tag=f");
        request.Headers.Add(SipHeaderName.To, "<sip:101@sip.test>" + (toTag is null ? "" : ";tag=" + toTag));
        request.Headers.Add(SipHeaderName.CallId, callId);
        request.Headers.Add(SipHeaderName.CSeq, $"{cseq} {method}");
        request.Headers.Add(SipHeaderName.Contact, "<sip:100@192.0.2.2>");
        request.Headers.Add(SipHeaderName.Event, "dialog");
        if (expires is not null)
            request.Headers.Add(SipHeaderName.Expires, expires);
        foreach ((string name, string? value) in fields)
        {
            if (value is null)
                request.Headers.Remove(name);
            else
                request.Headers.Set(name, value);
        }
        SipMessage.TryParse(request.ToBytes(), out SipMessage? parsed);
        int before = Responses.Count();
        Layer.Receive(parsed!, Flow);
        Pump.Advance(TimeSpan.Zero);
        return Responses.ElementAt(before);
    }

    /// <summary>A subscription whose first NOTIFY is answered.</summary>
    public string Begin(string? expires = "600", params (string Name, string? Value)[] fields)
    {
        SipResponse response = Subscribe(expires, fields: fields);
        Assert.Equal(200, response.StatusCode);
        Answer(200);
        return response.To.Tag!;
    }

    /// <summary>Answers the last NOTIFY.</summary>
    public void Answer(int status, params (string Name, string Value)[] fields)
    {
        SipResponse response = SipResponse.For(LastNotify, status);
        foreach ((string name, string value) in fields)
            response.Headers.Add(name, value);
        SipMessage.TryParse(response.ToBytes(), out SipMessage? parsed);
        Layer.Receive(parsed!, Flow);
        Pump.Advance(TimeSpan.Zero);
    }

    public void Change(string state)
    {
        State = state;
        Last!.Notify();
    }

    public void Advance(double seconds) => Pump.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Another owner goes on with the last subscription.</summary>
    public Subscription Move()
    {
        SubscriptionState state = Last!.ToState();
        Last.Abandon();
        Layer = NewLayer();
        return Last = Layer.Restore(state.AfterLoss(), Flow, Terms, Describe);
    }

    public void Dispose() => Pump.Dispose();

    void IUserAgentCore.OnRequest(ServerTransaction transaction)
    {
        if (Layer.Judge(transaction, [Terms]) is not { } wish)
            return;
        Last = Layer.Accept(transaction, wish, new NameAddress(SipUri.Parse("sip:token@sip.test")), Describe);
        Last.Ended += _ => Told.Add("ended");
        Last.Changed += _ => Told.Add("changed");
        Last.Answered += (_, status) => Told.Add(status.ToString(CultureInfo.InvariantCulture));
    }

    private MessageBody Describe(uint version) => new(Terms.ContentType, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{version} {State}")));

    private UserAgentLayer NewLayer() => new(
        Pump.Timers, SipTimers.Default, new SipTokens(new Random(7)),
        new UserAgentOptions { Methods = [SipMethod.Invite, SipMethod.Ack, SipMethod.Bye, SipMethod.Options, SipMethod.Subscribe, SipMethod.Notify], Product = "Test" }, this);
}
