using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.Harness;

/// <summary>One of the two user agents of a <see cref="World"/>.</summary>
internal sealed class Agent : IUserAgentCore
{
    private readonly Queue<IncomingInvite> _calls = new();
    private readonly Queue<TaskCompletionSource<IncomingInvite>> _waiting = new();

    public Agent(World world, string name, int seed, UserAgentOptions options)
    {
        Name = name;
        Tokens = new SipTokens(new Random(seed));
        Layer = new UserAgentLayer(world.Pump.Timers, SipTimers.Default, Tokens, options, this);
    }

    public string Name { get; }

    public SipTokens Tokens { get; }

    public UserAgentLayer Layer { get; }

    public Flow Flow { get; set; } = null!;

    public NameAddress Address => new(SipUri.Parse($"sip:{Name}@sip.test"));

    public NameAddress Contact => new(SipUri.Parse($"sip:{Name}@{Flow.Local}{(Flow.Transport == SipTransport.Udp ? "" : ";transport=tcp")}"));

    /// <summary>Gets or sets what is done with requests outside dialogs other than INVITE; and first with INVITE: <see langword="true"/> means done.</summary>
    public Func<ServerTransaction, bool>? RequestFilter { get; set; }

    /// <summary>Gets or sets how provisional responses to those who call this agent are sent.</summary>
    public ReliablePolicy Reliable { get; set; }

    /// <summary>Gets or sets whether calls to this agent get a session timer.</summary>
    public SessionTimerPolicy Timer { get; set; }

    public OutgoingInvite Call(
        Agent callee, MessageBody? body, DigestClient? authentication = null, IReadOnlyList<HeaderField>? headers = null,
        ReliablePolicy reliable = ReliablePolicy.Supported, Action<EarlyOffer>? earlyOffer = null, SessionTimerPolicy timer = SessionTimerPolicy.Accept, bool learned = false) => Layer.Invite(
        new OutgoingInviteOptions
        {
            RequestUri = callee.Contact.Uri,
            From = Address,
            To = callee.Address,
            Contact = Contact,
            Body = body,
            Authentication = authentication,
            Headers = headers ?? [],
            Reliable = reliable,
            ReliableIsLearned = learned,
            EarlyOffer = earlyOffer,
            Timer = timer,
        },
        Flow);

    public Task<IncomingInvite> IncomingAsync()
    {
        if (_calls.TryDequeue(out IncomingInvite? call))
            return Task.FromResult(call);
        TaskCompletionSource<IncomingInvite> waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue(waiting);
        return waiting.Task;
    }

    public void OnRequest(ServerTransaction transaction)
    {
        if (RequestFilter is not null && RequestFilter(transaction))
            return;
        if (transaction.Method != SipMethod.Invite)
        {
            transaction.Respond(200);
            return;
        }
        if (Layer.RefusesTerms(transaction, Reliable))
            return;
        IncomingInvite call = Layer.Take(transaction, Contact, null, Reliable, Timer);
        if (_waiting.TryDequeue(out TaskCompletionSource<IncomingInvite>? waiting))
            waiting.SetResult(call);
        else
            _calls.Enqueue(call);
    }
}
