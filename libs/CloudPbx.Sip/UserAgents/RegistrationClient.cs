using System.Globalization;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>Keeps one binding at a registrar (RFC 3261 §10.2): registers, answers challenges, refreshes, retries, unregisters.</summary>
/// <remarks>Used on the owner's thread.</remarks>
public sealed class RegistrationClient
{
    private const int MaximumBackOff = 16;
    private readonly UserAgentLayer _layer;
    private readonly RegistrationOptions _options;
    private readonly string _tag;
    private string _callId;
    private uint _cseq;
    private uint _minimum;                               // learned from a 423, in seconds
    private int _backOff = 1;
    private bool _stopped = true;
    private int _attempt;                                // tells a late answer of an abandoned attempt from the current one
    private TimeSpan _rest;                              // how much longer than the binding lasts the registrar wants to be left in peace
    private TimerHandle _timer;

    /// <summary>Creates a client that does nothing yet.</summary>
    /// <param name="layer">The layer that it sends through.</param>
    /// <param name="options">What it registers.</param>
    public RegistrationClient(UserAgentLayer layer, RegistrationOptions options)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(options);
        _layer = layer;
        _options = options;
        _tag = layer.Tokens.NewTag();
        _callId = layer.Tokens.NewCallId();
        _cseq = layer.Tokens.NewCSeq();
    }

    /// <summary>Raised after each attempt.</summary>
    public event Action<RegistrationClient>? Changed;

    /// <summary>Gets where it stands.</summary>
    public RegistrationState State { get; private set; } = new(false, 0, "", null);

    /// <summary>Registers now, and goes on refreshing and retrying until <see cref="UnregisterAsync"/>.</summary>
    /// <returns>The state after this attempt; never fails.</returns>
    public Task<RegistrationState> RegisterAsync()
    {
        _stopped = false;
        _timer.Cancel();
        return AttemptAsync(unregister: false);
    }

    /// <summary>Removes the binding and stops.</summary>
    /// <returns>The state after this attempt; never fails.</returns>
    public Task<RegistrationState> UnregisterAsync()
    {
        Stop();
        return AttemptAsync(unregister: true);
    }

    /// <summary>Stops without a word to the registrar.</summary>
    public void Stop()
    {
        _stopped = true;
        _timer.Cancel();
    }

    private async Task<RegistrationState> AttemptAsync(bool unregister)
    {
        int attempt = ++_attempt;
        uint seconds = unregister ? 0 : Math.Max((uint)_options.Expires.TotalSeconds, _minimum);
        if (_options.Flow() is not { } flow)
            return Finish(attempt, unregister, new SipResponse(503, "No Flow"), seconds);
        SipResponse response = await SendAsync(flow, seconds, [_options.Contact]);
        if (response.StatusCode == 423 && !unregister && attempt == _attempt
            && uint.TryParse(response.Headers.Get(SipHeaderName.MinExpires), NumberStyles.None, CultureInfo.InvariantCulture, out uint minimum)
            && minimum > seconds && minimum <= 604_800)
        {
            _minimum = minimum;                          // §10.2.8, I34: again at once with what is wanted
            seconds = minimum;
            response = await SendAsync(flow, seconds, [_options.Contact]);
        }
        if (response.IsSuccess && !unregister && attempt == _attempt && _options.RemovesFormerAddresses)
            _ = RemoveFormerAsync(flow, response);       // never fails
        return Finish(attempt, unregister, response, seconds);
    }

    /// <summary>
    /// §10.3: the answer lists all bindings. Callers would be sent to one that an earlier way has left until it expires. Where ours is not among them the registrar has written another
    /// address into it: then nobody can tell which one is the former.
    /// </summary>
    private async Task RemoveFormerAsync(Flow flow, SipResponse response)
    {
        SipUri own = _options.Contact.Uri;
        if (!response.Contacts.Any(contact => contact.Uri.Equals(own)))
            return;
        List<NameAddress> former = [.. response.Contacts.Where(contact => contact.Uri.User == own.User && !contact.Uri.Equals(own)).Select(contact => new NameAddress(contact.Uri))];
        if (former.Count > 0)
            await SendAsync(flow, 0, former);
    }

    private async Task<SipResponse> SendAsync(Flow flow, uint seconds, IReadOnlyList<NameAddress> contacts)
    {
        if (_options.FreshCallIds)
            _callId = _layer.Tokens.NewCallId();
        SipRequest request = _layer.CreateRequest(
            SipMethod.Register, _options.Registrar, _options.AddressOfRecord.WithTag(_tag), _options.AddressOfRecord.WithTag(null), _callId, ++_cseq);
        foreach (NameAddress contact in contacts)
            request.Headers.Add(SipHeaderName.Contact, contact.ToString());
        request.Headers.Add(SipHeaderName.Expires, seconds.ToString(CultureInfo.InvariantCulture));
        UserAgentLayer.AddHeaders(request, _options.Headers);
        // §10.2.4: one number for all REGISTERs, further attempts included.
        return await new RequestAttempts(_layer.Transactions, () => flow, _options.Authentication, _ => ++_cseq).SendAsync(request);
    }

    private RegistrationState Finish(int attempt, bool unregister, SipResponse response, uint asked)
    {
        if (attempt != _attempt)
            return State;                                // overtaken by a newer attempt
        if (response.IsSuccess && !unregister)
        {
            TimeSpan granted = TimeSpan.FromSeconds(GrantedSeconds(response, asked));
            State = new(true, response.StatusCode, response.ReasonPhrase, _layer.Timers.TimeProvider.GetUtcNow() + granted);
            _backOff = 1;
            _rest = TimeSpan.Zero;
            Again(granted * 0.75);                       // early enough for a second attempt after a lost first one
        }
        else
        {
            // A failure of a refresh leaves the binding until it expires.
            bool remains = !unregister && State.ExpiresAt > _layer.Timers.TimeProvider.GetUtcNow() && response.StatusCode is 408 or >= 500;
            TimeSpan? patience = Patience(response);
            State = new(remains, response.StatusCode, response.ReasonPhrase, remains ? State.ExpiresAt : null) { RetryAfter = patience };
            TimeSpan delay = patience ?? _options.RetryAfter * _backOff;
            _backOff = Math.Min(_backOff * 2, MaximumBackOff);
            TimeSpan left = (State.ExpiresAt ?? DateTimeOffset.MaxValue) - _layer.Timers.TimeProvider.GetUtcNow();
            TimeSpan wait = delay < left ? delay : left;             // at the latest when the binding ends, so that the state is true
            _rest = patience > wait ? patience.Value - wait : TimeSpan.Zero;
            Again(wait);
        }
        Changed?.Invoke(this);
        return State;
    }

    /// <summary>§20.33, I28: how long the registrar wants to be left in peace.</summary>
    private static TimeSpan? Patience(SipResponse response) => response.RetryAfter is > 0 and { } seconds
        ? TimeSpan.FromSeconds(Math.Min(seconds, RegistrationState.LongestPatience.TotalSeconds))
        : null;

    private void Wake()
    {
        if (_rest == TimeSpan.Zero)
        {
            _ = AttemptAsync(unregister: false);         // never fails
            return;
        }
        Again(_rest);
        _rest = TimeSpan.Zero;
        State = State with { IsRegistered = false, ExpiresAt = null };
        Changed?.Invoke(this);
    }

    private void Again(TimeSpan delay)
    {
        if (_stopped)
            return;
        _timer.Cancel();
        _timer = _layer.Timers.Schedule(
            delay,
            static me =>
            {
                RegistrationClient client = (RegistrationClient)me!;
                if (!client._stopped)
                    client.Wake();
            },
            this);
    }

    /// <summary>§10.2.4: the expires of our own Contact only (I34), else Expires, else what we asked for.</summary>
    private uint GrantedSeconds(SipResponse response, uint asked)
    {
        NameAddress? own = response.Contacts.FirstOrDefault(contact => contact.Uri.Equals(_options.Contact.Uri));
        if (own?.Parameters["expires"] is { } text && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint seconds))
            return Math.Clamp(seconds, 1, 604_800);
        return Math.Clamp(response.Expires ?? asked, 1, 604_800);
    }
}
