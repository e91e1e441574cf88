using CloudPbx.Net.Timers;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>
/// Brings requests to their dialogs and everything else to the core (RFC 3261 §8, §12.2.2): 481 for a dialog that is not known, 405 and 501 for methods,
/// 416 for Request-URI schemes, 420 for Require. One per owner (tenant, softphone), with a <see cref="TransactionLayer"/> of its own.
/// </summary>
/// <remarks>Single-threaded by contract, like the transactions below it.</remarks>
public sealed partial class UserAgentLayer
{
    private readonly Dictionary<DialogId, IDialogUser> _dialogs = [];
    private readonly Dictionary<(string CallId, string LocalTag), IOutgoingInvite> _outgoing = [];
    private readonly IUserAgentCore _core;
    private readonly string _allow;
    private readonly string _allowUnreliable;
    private readonly string?[] _supported;               // with 100rel: +1, with timer: +2

    /// <summary>Creates a layer without dialogs.</summary>
    /// <param name="timers">The owner's timers.</param>
    /// <param name="sipTimers">The timers' values.</param>
    /// <param name="tokens">Makes tags, branches and Call-IDs.</param>
    /// <param name="options">What it says of itself and accepts.</param>
    /// <param name="core">Who decides about requests outside dialogs.</param>
    public UserAgentLayer(ITimers timers, SipTimers sipTimers, SipTokens tokens, UserAgentOptions options, IUserAgentCore core)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(core);
        Options = options;
        _core = core;
        _allow = string.Join(", ", options.Methods.Select(method => method.Name));
        _allowUnreliable = string.Join(", ", options.Methods.Where(method => method != SipMethod.Prack).Select(method => method.Name));
        _supported = [.. Enumerable.Range(0, 4).Select(with => Join(options.Extensions.Where(tag =>
            (tag != UserAgentOptions.Reliable || with is 1 or 3) && (tag != SessionTimer.OptionTag || with is 2 or 3))))];
        AnsweredAgain = (transaction, response) =>
        {
            if (response.IsSuccess)
                OnLateAnswer(response, transaction.Flow);
        };
        Transactions = new TransactionLayer(timers, sipTimers, tokens, new TransactionUser(this), options.MaximumTransactions, options.IsNeverRefused);
    }

    /// <summary>Gets the transactions below.</summary>
    public TransactionLayer Transactions { get; }

    /// <summary>Gets the options.</summary>
    public UserAgentOptions Options { get; }

    /// <summary>Gets how many dialogs and unanswered INVITEs live. One that ended may be counted for 64·T1 more, to meet late answers.</summary>
    public int DialogCount => _dialogs.Count + _outgoing.Count;

    internal ITimers Timers => Transactions.Timers;

    internal SipTimers SipTimers => Transactions.SipTimers;

    internal SipTokens Tokens => Transactions.Tokens;

    /// <summary>Takes a message from a flow, parsed without fault.</summary>
    /// <param name="message">The message; the layer keeps it.</param>
    /// <param name="flow">The flow it came in on.</param>
    public void Receive(SipMessage message, Flow flow) => Transactions.Receive(message, flow);

    /// <summary>Calls someone.</summary>
    /// <param name="invite">What the INVITE is made of.</param>
    /// <param name="flow">The flow that it leaves by.</param>
    /// <returns>The call, under way.</returns>
    public OutgoingInvite Invite(OutgoingInviteOptions invite, Flow flow)
    {
        ArgumentNullException.ThrowIfNull(invite);
        ArgumentNullException.ThrowIfNull(flow);
        OutgoingInvite call = new(this, invite, flow);
        _outgoing[(call.CallId, call.LocalTag)] = call;
        call.Start();
        return call;
    }

    /// <summary>How long an INVITE would be, without the Vias that it gets on its way: on UDP a request of more than 1300 octets may be lost as a whole (RFC 3261 §18.1.1).</summary>
    /// <param name="invite">What it is made of.</param>
    /// <param name="flow">The flow that it would leave by.</param>
    /// <returns>Octets. Nothing is sent.</returns>
    public int LengthOf(OutgoingInviteOptions invite, Flow flow)
    {
        ArgumentNullException.ThrowIfNull(invite);
        ArgumentNullException.ThrowIfNull(flow);
        return new OutgoingInvite(this, invite, flow).Request.ToBytes().Length;
    }

    /// <summary>Takes an INVITE that the core was given: it can be answered step by step from now on.</summary>
    /// <param name="transaction">The INVITE's transaction, without final response.</param>
    /// <param name="contact">Our Contact, for the whole dialog.</param>
    /// <param name="authentication">What answers challenges to our requests in the dialog; <see langword="null"/> (for phones that called us always) never answers (threat S4).</param>
    /// <param name="reliable">Whether provisional responses are sent reliably. An INVITE that does not fit it is refused by <see cref="RefusesTerms"/> first.</param>
    /// <param name="timer">Whether the call has a session timer.</param>
    /// <param name="sessionInterval">The interval of one that we ask for, in seconds (RFC 4028 §4).</param>
    /// <returns>The call.</returns>
    public IncomingInvite Take(
        ServerTransaction transaction, NameAddress contact, DigestClient? authentication = null, ReliablePolicy reliable = ReliablePolicy.Supported,
        SessionTimerPolicy timer = SessionTimerPolicy.Accept, uint sessionInterval = SessionTimer.Recommended)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(contact);
        if (transaction.Method != SipMethod.Invite || transaction.IsAnswered)
            throw new ArgumentException("Only an INVITE without final response can be taken.", nameof(transaction));
        return new IncomingInvite(this, transaction, contact, authentication, reliable, timer, sessionInterval);
    }

    /// <summary>
    /// Refuses an INVITE on whose terms no call can be: reliable provisional responses that we never do (420), or that it cannot do where we require them (421; RFC 3261
    /// §21.4.15 and §21.4.16); a session interval that is too short (422, RFC 4028 §6).
    /// </summary>
    /// <param name="transaction">The INVITE's transaction.</param>
    /// <param name="policy">The leg's policy.</param>
    /// <returns>Whether it was refused.</returns>
    public bool RefusesTerms(ServerTransaction transaction, ReliablePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        SipRequest invite = transaction.Request;
        bool requires = invite.Requires(UserAgentOptions.Reliable);
        (int status, SipHeaderName field) = policy switch
        {
            ReliablePolicy.Off when requires => (420, SipHeaderName.Unsupported),
            ReliablePolicy.Required when !requires && !invite.Supports(UserAgentOptions.Reliable) => (421, SipHeaderName.Require),
            _ => default,
        };
        if (status == 0 && !SessionTimer.IsTooShort(invite))
            return false;
        if (status == 0)
        {
            transaction.Respond(IntervalTooSmall(invite));
            return true;
        }
        SipResponse refusal = SipResponse.For(invite, status, toTag: Tokens.NewTag());
        refusal.Headers.Add(field, UserAgentOptions.Reliable);
        transaction.Respond(refusal);
        return true;
    }

    internal void Register(DialogId id, IDialogUser user) => _dialogs[id] = user;

    internal void Unregister(DialogId id, IDialogUser user)
    {
        if (_dialogs.TryGetValue(id, out IDialogUser? registered) && ReferenceEquals(registered, user))
            _dialogs.Remove(id);
    }

    /// <summary>What becomes of answers to an INVITE that has had one: its transaction keeps nothing of the call.</summary>
    internal Action<ClientTransaction, SipResponse> AnsweredAgain { get; }

    /// <summary>Late and forked answers have to be acknowledged for a while (I18), by what is left of the INVITE.</summary>
    internal void Replace(OutgoingInvite call, FinishedInvite left)
    {
        (string CallId, string LocalTag) key = (call.CallId, call.LocalTag);
        _outgoing[key] = left;
        Timers.Schedule(SipTimers.Timeout, static state => ((Leaving)state!).Leave(), new Leaving(this, key));
    }

    private sealed record Leaving(UserAgentLayer Layer, (string CallId, string LocalTag) Key)
    {
        public void Leave() => Layer._outgoing.Remove(Key);
    }

    private static string? Join(IEnumerable<string> tags) => string.Join(", ", tags) is { Length: > 0 } joined ? joined : null;
}
