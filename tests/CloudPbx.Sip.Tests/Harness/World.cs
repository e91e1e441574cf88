using System.Net;
using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.Harness;

/// <summary>Two user agents, alice and bob, joined by a flow that can lose messages. Deterministic: same seed, same octets.</summary>
internal sealed class World : IDisposable
{
    private static readonly TimeSpan s_latency = TimeSpan.FromMilliseconds(20);
    private readonly List<string> _ladder = [];

    private readonly UserAgentOptions _options;
    private int _seed = 2;

    public World(SipTransport transport = SipTransport.Udp, UserAgentOptions? options = null)
    {
        options ??= new UserAgentOptions { Methods = [.. new UserAgentOptions().Methods, SipMethod.Register] };
        _options = options;
        Alice = new Agent(this, "alice", 1, options);
        Bob = new Agent(this, "bob", 2, options);
        IPEndPoint a = new(IPAddress.Parse("192.0.2.1"), 5060);
        IPEndPoint b = new(IPAddress.Parse("192.0.2.2"), 5060);
        Alice.Flow = FlowA = new FakeFlow(transport, a, b, octets => Deliver("alice → bob", octets, Bob));
        Bob.Flow = FlowB = new FakeFlow(transport, b, a, octets => Deliver("bob → alice", octets, Alice));
    }

    public Pump Pump { get; } = new();

    public Agent Alice { get; private set; }

    public Agent Bob { get; private set; }

    public FakeFlow FlowA { get; private set; }

    public FakeFlow FlowB { get; private set; }

    /// <summary>Gets or sets which messages are lost: by their number in order of sending, from 0, and by themselves.</summary>
    public Func<int, SipMessage, bool> Lose { get; set; } = (_, _) => false;

    /// <summary>Gets or sets a peer of literal messages in bob's place: what it answers, bob does not see.</summary>
    public Func<SipMessage, SipResponse?> Respond { get; set; } = _ => null;

    /// <summary>Gets or sets how much longer a message takes.</summary>
    public Func<int, SipMessage, TimeSpan> Delay { get; set; } = (_, _) => TimeSpan.Zero;

    /// <summary>Gets or sets how often each message arrives.</summary>
    public int Copies { get; set; } = 1;

    public int Sent { get; private set; }

    public string Ladder => string.Join('\n', _ladder);

    public List<SipMessage> Messages { get; } = [];

    public static MessageBody Sdp(string name) => MessageBody.Sdp($"v=0\r\ns={name}\r\n");

    /// <summary>How many messages of this kind were sent, for example "INVITE", "200 INVITE" or "ACK".</summary>
    public int Count(string kind) => Messages.Count(message => KindOf(message) == kind);

    public void Run(Func<Task> scenario, double limitSeconds = 120)
    {
        try
        {
            Pump.Run(scenario, TimeSpan.FromSeconds(limitSeconds));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(e.Message + "\n" + Ladder, e);
        }
    }

    /// <summary>Turns the clock until nothing is left of any call, and fails if something stays.</summary>
    public void AssertNothingRemains()
    {
        Pump.Advance(TimeSpan.FromSeconds(100));
        Assert.True(Alice.Layer.DialogCount == 0 && Bob.Layer.DialogCount == 0, "Dialogs remain:\n" + Ladder);
        Assert.True(Alice.Layer.Transactions.Count == 0 && Bob.Layer.Transactions.Count == 0, "Transactions remain:\n" + Ladder);
    }

    /// <summary>Puts a new user agent at the place of one, which hears and says nothing more.</summary>
    public Agent Replace(Agent agent)
    {
        Agent successor = new(this, agent.Name, ++_seed, _options);
        bool alice = ReferenceEquals(agent, Alice);
        FakeFlow old = alice ? FlowA : FlowB;
        old.IsDead = true;
        FakeFlow flow = old.Copy();
        successor.Flow = flow;
        (Alice, FlowA) = alice ? (successor, flow) : (Alice, FlowA);
        (Bob, FlowB) = alice ? (Bob, FlowB) : (successor, flow);
        return successor;
    }

    public Task Wait(double seconds) => Pump.Delay(TimeSpan.FromSeconds(seconds));

    public void Dispose() => Pump.Dispose();

    private static string KindOf(SipMessage message) =>
        message is SipRequest request ? request.Method.Name : $"{((SipResponse)message).StatusCode} {message.CSeq.Method.Name}";

    private void Deliver(string direction, byte[] octets, Agent receiver)
    {
        Assert.True(SipMessage.TryParse(octets, out SipMessage? message) == SipParseError.None, "Malformed: " + Encoding.UTF8.GetString(octets));
        int number = Sent++;
        Messages.Add(message!);
        bool lost = Lose(number, message!);
        _ladder.Add($"{Pump.Now.TotalSeconds,7:F2} {direction} #{number} {KindOf(message!)} cseq {message!.CSeq.Number}{(lost ? " (lost)" : "")}");
        if (!lost && ReferenceEquals(receiver, Bob) && Respond(message) is { } response)
        {
            FlowB.TrySend(response);
            return;
        }
        for (int copy = 0; copy < Copies && !lost; copy++)
        {
            SipMessage.TryParse(octets, out SipMessage? arriving);
            Pump.After(s_latency + Delay(number, message), () => receiver.Layer.Receive(arriving!, receiver.Flow));
        }
    }
}
