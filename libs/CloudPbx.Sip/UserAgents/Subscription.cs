using System.Collections.Frozen;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>
/// A subscription at its notifier (RFC 6665 §4.2), in a dialog of its own: one NOTIFY at a time, each with the state of the moment in which it leaves; what changes meanwhile is told
/// by the next one. Made by <see cref="UserAgentLayer.Accept"/>.
/// </summary>
/// <remarks>Used on the owner's thread. Challenges to our NOTIFYs are not answered (threat S4).</remarks>
public sealed class Subscription : IDialogUser
{
    private const uint StoreEach = 32;                   // NOTIFYs: far less than an owner that lost count leaves room for (SubscriptionState.AfterLoss)

    // RFC 5057 §5.1: what ends the dialog or this use of it.
    private static readonly FrozenSet<int> s_ends = new[] { 404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 502, 604 }.ToFrozenSet();

    private readonly UserAgentLayer _layer;
    private readonly Dialog _dialog;
    private readonly SubscriptionTerms _terms;
    private readonly EventType _event;
    private readonly Func<uint, MessageBody?> _content;
    private DateTime _expiresAt;
    private TimerHandle _expiry;
    private TimerHandle _pause;
    private string? _last;                               // what the last NOTIFY says, once it is to be sent
    private long? _sentAt;
    private uint _version;
    private uint _stored;                                // the version that was stored last
    private int _failures;
    private bool _isOwed;
    private bool _isDue;                                 // somebody asked for it: no interval counts
    private bool _isSending;
    private bool _isPausing;
    private bool _isLost;                                // there is no way to the subscriber now

    internal Subscription(UserAgentLayer layer, Dialog dialog, Flow flow, SubscriptionTerms terms, EventType type, Func<uint, MessageBody?> content)
    {
        _layer = layer;
        _dialog = dialog;
        _terms = terms;
        _event = type;
        _content = content;
        Flow = flow;
    }

    /// <summary>Raised when <see cref="ToState"/> gives something that wants to be stored.</summary>
    public event Action<Subscription>? Changed;

    /// <summary>Raised once, when the subscription is over, whoever ended it. Its last NOTIFY may be under way yet.</summary>
    public event Action<Subscription>? Ended;

    /// <summary>Raised with the final status of each NOTIFY; 408 and 503 where there was none.</summary>
    public event Action<Subscription, int>? Answered;

    /// <summary>Gets the dialog's identity at our end.</summary>
    public DialogId Id => _dialog.Id;

    /// <summary>Gets the flow that NOTIFYs leave by.</summary>
    public Flow Flow { get; private set; }

    /// <summary>Gets whether it is over.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Gets whether the flow was gone when it was last used.</summary>
    public bool IsLost => _isLost;

    /// <summary>Gets when it ends unless it is refreshed, UTC.</summary>
    public DateTime ExpiresAt => _expiresAt;

    /// <summary>Gets or sets a check that sees every request in the dialog first, for example that it came by the subscriber's flow or has credentials. It returns <see langword="false"/> after it answered the request itself, or to drop it.</summary>
    public Func<ServerTransaction, bool>? Admit { get; set; }

    /// <summary>Gets or sets who looks at what is told before a refresh is answered: what it was thought to be may be old.</summary>
    public Action? Refreshing { get; set; }

    /// <summary>Gets or sets who finds another way to the subscriber when the present one is gone (430, RFC 5626 §11.2); <see langword="null"/> from it: there is none yet, <see cref="MoveTo"/> will tell.</summary>
    public Func<Flow?>? FindFlow { get; set; }

    private TimeProvider Time => _layer.Timers.TimeProvider;

    private DateTime Now => Time.GetUtcNow().UtcDateTime;

    /// <summary>Tells the subscriber, as soon as the package's interval lets it (RFC 6665 §5.4.9), that something has changed.</summary>
    public void Notify()
    {
        if (IsEnded)
            return;
        _isOwed = true;
        SendOwed();
    }

    /// <summary>The subscriber is reached another way from now on; what it has not heard it is told there.</summary>
    /// <param name="flow">The way.</param>
    public void MoveTo(Flow flow)
    {
        Flow = flow;
        if (IsEnded)
            return;
        RaiseChanged();
        if (_isLost || _failures > 0)
            TryAgain();
    }

    /// <summary>Ends it with a last NOTIFY (RFC 6665 §4.2.2).</summary>
    /// <param name="end">Why.</param>
    /// <param name="retryAfter">When the subscriber may come again.</param>
    public void End(SubscriptionEnd end, TimeSpan? retryAfter = null)
    {
        if (IsEnded)
            return;
        _last = SubscriptionStateValue.Terminated(end, retryAfter);
        Finish();
        SendNow();
    }

    /// <summary>Forgets it without a word to the subscriber.</summary>
    public void Abandon()
    {
        _last = null;
        _isOwed = false;
        Finish();
        Close();
    }

    /// <summary>Makes what another owner needs to go on: <see cref="UserAgentLayer.Restore(SubscriptionState, Flow, SubscriptionTerms, Func{uint, MessageBody?})"/>.</summary>
    /// <returns>The state.</returns>
    public SubscriptionState ToState()
    {
        _stored = _version;
        return new SubscriptionState { Dialog = _dialog.State, Event = _event.ToString(), Version = _version, ExpiresAt = _expiresAt };
    }

    internal void Begin(ServerTransaction transaction, TimeSpan granted) => Grant(transaction, granted);

    internal void Resume(SubscriptionState state)
    {
        _version = _stored = state.Version;
        Expire(state.ExpiresAt);
    }

    void IDialogUser.OnRequest(ServerTransaction transaction)
    {
        SipRequest request = transaction.Request;
        if (IsEnded)
            transaction.Respond(481);
        else if (Admit is not null && !Admit(transaction))
            return;
        else if (!_dialog.TryAdvance(request))
            transaction.Respond(_layer.TryLater(request));                       // RFC 3261 §12.2.2: 500 for a lower CSeq
        else if (request.Method == SipMethod.Subscribe)
            Refresh(transaction);
        else
            transaction.Respond(request.Method == SipMethod.Options ? 200 : 481);    // no INVITE made this dialog, and we subscribe to nothing
    }

    void IDialogUser.OnAck(SipRequest ack)
    {
        // there is no INVITE that one could belong to
    }

    void IDialogUser.OnLateAnswer(SipResponse response, Flow flow)
    {
        // likewise
    }

    private void Refresh(ServerTransaction transaction)
    {
        SipRequest request = transaction.Request;
        if (_layer.Judge(transaction, [_terms]) is not { } wish)
            return;
        if (!wish.Event.IsSame(_event))
        {
            transaction.Respond(403, "One Subscription For Each Dialog");        // §4.5.2
            return;
        }
        _dialog.RefreshTarget(request);                                          // §4.1.2.1: it is a target refresh request
        _failures = 0;
        _isLost = false;
        Refreshing?.Invoke();
        Grant(transaction, wish.Granted);
    }

    /// <summary>§4.2.1.2: 200, never 202, with what was granted; then the present state, whatever was told before.</summary>
    private void Grant(ServerTransaction transaction, TimeSpan granted)
    {
        SipResponse response = SipResponse.For(transaction.Request, 200, toTag: Id.LocalTag);
        response.Headers.Add(SipHeaderName.Contact, _dialog.State.LocalContact);
        response.Headers.Add(SipHeaderName.Expires, ((long)granted.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture));
        response.Headers.Add(SipHeaderName.AllowEvents, _terms.Package);         // §4.4.4
        _layer.AddCapabilities(response, timer: false);
        transaction.Respond(response);
        if (granted == TimeSpan.Zero)
        {
            End(SubscriptionEnd.Timeout);                                        // §4.1.2.3, §4.4.3
            return;
        }
        Expire(Now + granted);
        SendNow();
        RaiseChanged();
    }

    private void Expire(DateTime at)
    {
        _expiresAt = at;
        _expiry.Cancel();
        _expiry = _layer.Timers.Schedule(at - Now, static me => ((Subscription)me!).End(SubscriptionEnd.Timeout), this);
    }

    private void TryAgain()
    {
        _failures = 0;
        _isLost = false;
        SendNow();
    }

    private void SendNow()
    {
        _isOwed = _isDue = true;
        Resume();
    }

    private void Resume()
    {
        _pause.Cancel();
        _isPausing = false;
        SendOwed();
    }

    private void SendOwed()
    {
        if (!_isOwed || _isSending || _isPausing || (_isLost && _last is null))
            return;
        TimeSpan wait = _isDue || _sentAt is not { } sentAt ? TimeSpan.Zero : _terms.Interval - Time.GetElapsedTime(sentAt);
        if (wait > TimeSpan.Zero)
            Pause(wait);
        else
            Send();
    }

    private void Pause(TimeSpan time)
    {
        _isPausing = true;
        _pause = _layer.Timers.Schedule(time, static me => ((Subscription)me!).Resume(), this);
    }

    private void Send()
    {
        _isOwed = _isDue = false;
        _isSending = true;
        _sentAt = Time.GetTimestamp();
        bool isLast = _last is not null;
        SipRequest notify = _dialog.CreateRequest(SipMethod.Notify);
        notify.Headers.Add(SipHeaderName.Event, _event.ToString());
        notify.Headers.Add(SipHeaderName.SubscriptionState, _last ?? SubscriptionStateValue.Active(_expiresAt - Now));
        // No more than that: with a body it has to fit into a datagram (RFC 3261 §18.1.1, I42).
        if (_layer.Options.Product is not null)
            notify.Headers.Add(SipHeaderName.UserAgent, _layer.Options.Product);
        UserAgentLayer.SetBody(notify, _content(_version++));
        RequestAttempts attempts = new(
            _layer.Transactions, () => Flow, authentication: null, _ => _dialog.NextCSeq(),
            response =>
            {
                _isSending = false;
                Answered?.Invoke(this, response.StatusCode);
                if (isLast)
                    Close();
                else
                    OnAnswer(response);
            });
        _ = attempts.SendAsync(notify);                  // never fails
        if (!IsEnded && _version - _stored >= StoreEach)
            RaiseChanged();
    }

    private void OnAnswer(SipResponse response)
    {
        if (IsEnded && _last is null)
            return;                                      // abandoned meanwhile
        if (response.IsSuccess)
        {
            _failures = 0;
            _dialog.RefreshTarget(response);
        }
        else if (s_ends.Contains(response.StatusCode))
        {
            // §4.2.2: the subscriber knows nothing of it, so there is nobody to tell.
            Abandon();
            return;
        }
        else if (_last is not null)
        {
            // the last one goes out all the same
        }
        else if (response.StatusCode == 430)
        {
            _isOwed = _isLost = true;
            if (FindFlow?.Invoke() is { } other)
                MoveTo(other);
        }
        else if (++_failures >= _terms.MaximumFailures)
        {
            Abandon();
            return;
        }
        else
        {
            _isOwed = true;
            Pause(response.RetryAfter is { } seconds ? TimeSpan.FromSeconds(Math.Min(seconds, _terms.MaximumExpires.TotalSeconds)) : _terms.Pause);
        }
        SendOwed();
    }

    private void Finish()
    {
        if (IsEnded)
            return;
        IsEnded = true;
        _expiry.Cancel();
        Ended?.Invoke(this);
    }

    private void Close()
    {
        _pause.Cancel();
        _layer.Unregister(Id, this);
        Changed = null;
        Ended = null;
        Answered = null;
        Admit = null;
        Refreshing = null;
        FindFlow = null;
    }

    private void RaiseChanged() => Changed?.Invoke(this);
}
