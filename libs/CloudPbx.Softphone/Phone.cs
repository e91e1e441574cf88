using System.Threading.Channels;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Softphone;

/// <summary>
/// A telephone without keys: registers, calls and is called over UDP, TCP or TLS, plays tones and measures what it hears. The demo, the
/// checks of trunks and the tests are made of it.
/// </summary>
/// <remarks>
/// Members may be called from any thread; inside, everything runs on one exclusive scheduler. Times are real: it is a client of real servers.
/// </remarks>
public sealed partial class Phone : IAsyncDisposable, IUserAgentCore
{
    private readonly TaskFactory _factory;
    private readonly TimerWheel _wheel;
    private readonly TimeProvider _time;
    private readonly SipTokens _tokens = SipTokens.Secure;
    private readonly UserAgentLayer _layer;
    private readonly DigestClient _authentication;
    private readonly Channel<PhoneCall> _incoming = Channel.CreateUnbounded<PhoneCall>();
    private readonly List<PhoneCall> _calls = [];
    private RegistrationClient? _registration;

    private Phone(PhoneOptions options, TimeProvider time)
    {
        Options = options;
        _time = time;
        var scheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, 1).ExclusiveScheduler;
        _factory = new TaskFactory(CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskContinuationOptions.None, scheduler);
        _wheel = new TimerWheel(time);
        var account = new DigestAccount(options.AuthUser ?? options.User, DigestSecret.FromPassword(options.Password));
        _authentication = new DigestClient(_ => account, _tokens.NewCnonce);
        var agent = new UserAgentOptions { Product = options.Product };
        _layer = new UserAgentLayer(_wheel.For(scheduler), new SipTimers(), _tokens, agent, this);
    }

    /// <summary>Raised for each message, on the phone's scheduler: return at once.</summary>
    public event Action<TracedMessage>? Traced;

    /// <summary>Gets the account.</summary>
    public PhoneOptions Options { get; }

    /// <summary>Gets where the registration stands; <see langword="null"/> before the first attempt ended.</summary>
    public RegistrationState? Registration { get; private set; }

    /// <summary>Makes a phone and opens its connection to the server. It does not register yet.</summary>
    /// <param name="options">The account.</param>
    /// <param name="cancel">Gives up connecting.</param>
    /// <returns>The phone.</returns>
    /// <exception cref="System.Net.Sockets.SocketException">The server cannot be reached.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The server's certificate was refused.</exception>
    public static async Task<Phone> StartAsync(PhoneOptions options, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        var phone = new Phone(options, TimeProvider.System);
        try
        {
            await phone.ConnectAsync(cancel).ConfigureAwait(false);
            return phone;
        }
        catch
        {
            await phone.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Registers and goes on refreshing.</summary>
    /// <returns>The state after the first attempt.</returns>
    public Task<RegistrationState> RegisterAsync() => OnSchedulerAsync(async () =>
    {
        if (_registration is null)
        {
            _registration = new RegistrationClient(_layer, new RegistrationOptions
            {
                Registrar = new SipUri(Scheme, null, Options.Domain),
                AddressOfRecord = Identity,
                Contact = Contact,
                Flow = () => _flow,
                Authentication = _authentication,
                Expires = Options.Expires,
            });
            _registration.Changed += r => Registration = r.State;
        }
        return Registration = await _registration.RegisterAsync();
    });

    /// <summary>Removes the binding.</summary>
    public Task UnregisterAsync() => OnSchedulerAsync(async () =>
    {
        if (_registration is not null) Registration = await _registration.UnregisterAsync();
        return 0;
    });

    /// <summary>Calls somebody.</summary>
    /// <param name="target">A number or user name, or a whole SIP URI.</param>
    /// <param name="headers">Further header fields of the INVITE.</param>
    /// <returns>The call, under way: look at <see cref="PhoneCall.Ringing"/>, <see cref="PhoneCall.Answered"/> and <see cref="PhoneCall.Ended"/>.</returns>
    public Task<PhoneCall> DialAsync(string target, params HeaderField[] headers) => OnSchedulerAsync(() =>
    {
        SipUri uri = SipUri.TryParse(target, out SipUri? parsed) && parsed.IsSip ? parsed : new SipUri(Scheme, target, Options.Domain);
        Flow flow = _flow ?? throw new InvalidOperationException("The phone has no connection.");
        PhoneAudio audio = PhoneAudio.Open(Options, flow.Local.Address);
        OutgoingInvite invite = _layer.Invite(
            new OutgoingInviteOptions
            {
                RequestUri = uri,
                From = Identity,
                To = new NameAddress(uri),
                Contact = Contact,
                Body = MessageBody.Sdp(audio.MakeOffer()),
                Headers = headers,
                Authentication = _authentication,
            },
            flow);
        var call = new PhoneCall(this, invite, audio);
        _calls.Add(call);
        return Task.FromResult(call);
    });

    /// <summary>Waits for a call to this phone.</summary>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The call, ringing.</returns>
    public ValueTask<PhoneCall> IncomingAsync(CancellationToken cancel) => _incoming.Reader.ReadAsync(cancel);

    /// <summary>Sends a request outside any dialog, with credentials if it is challenged.</summary>
    /// <param name="method">Neither INVITE, ACK nor CANCEL.</param>
    /// <param name="target">The Request-URI and To; <see langword="null"/> for the phone's own address of record.</param>
    /// <param name="body">The body, or <see langword="null"/>.</param>
    /// <returns>The final response.</returns>
    public Task<SipResponse> RequestAsync(SipMethod method, SipUri? target = null, MessageBody? body = null) => OnSchedulerAsync(() =>
    {
        SipRequest request = _layer.CreateRequest(method, target ?? Identity.Uri, Identity, new NameAddress(target ?? Identity.Uri));
        request.Headers.Add(SipHeaderName.Contact, Contact.ToString());
        if (body is not null) request.SetBody(body.Octets, body.ContentType);
        return _layer.SendAsync(request, _flow ?? throw new InvalidOperationException("The phone has no connection."), _authentication);
    });

    /// <summary>Hangs up, unregisters if it can, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            if (_flow is not null)
            {
                await OnSchedulerAsync(async () =>
                {
                    await Task.WhenAll(_calls.ToArray().Select(call => call.HangUpInsideAsync()));
                    if (_registration is { State.IsRegistered: true }) await _registration.UnregisterAsync();
                    _registration?.Stop();
                    return 0;
                }).WaitAsync(patience.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // the server does not answer: leave all the same
        }
        _incoming.Writer.TryComplete();
        await DisconnectAsync().ConfigureAwait(false);
        _wheel.Dispose();
    }

    /// <summary>Breaks the connection as a crash would: nothing is said to the server.</summary>
    public async Task CrashAsync()
    {
        await DisconnectAsync().ConfigureAwait(false);
        await OnSchedulerAsync(() =>
        {
            _registration?.Stop();
            _registration = null;
            return Task.FromResult(0);
        }).ConfigureAwait(false);
        _flow = null;
    }

    void IUserAgentCore.OnRequest(ServerTransaction transaction)
    {
        if (transaction.Method == SipMethod.Invite)
        {
            IncomingInvite invite = _layer.Take(transaction, Contact, _authentication);
            var call = new PhoneCall(this, invite, PhoneAudio.Open(Options, transaction.Flow.Local.Address));
            _calls.Add(call);
            if (Options.SendsRinging) invite.Progress(180);
            _incoming.Writer.TryWrite(call);
            return;
        }
        transaction.Respond(transaction.Method == SipMethod.Options || transaction.Method == SipMethod.Message ? 200 : 405);
    }

    internal Task<T> OnSchedulerAsync<T>(Func<Task<T>> action) =>
        _fault is { } fault ? throw new InvalidOperationException("The phone failed over a message.", fault) : _factory.StartNew(action).Unwrap();

    internal void Forget(PhoneCall call) => _calls.Remove(call);
}
