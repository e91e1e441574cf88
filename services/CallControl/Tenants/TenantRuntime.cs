using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Ladders;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.News;
using CloudPbx.CallControl.Presence;
using CloudPbx.CallControl.Registrar;
using CloudPbx.CallControl.Carriers;
using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.Grains;
using CloudPbx.Grains.Live;
using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State;
using CloudPbx.State.Bindings;
using CloudPbx.State.CallSnapshots;
using CloudPbx.State.Presence;
using CloudPbx.State.Trunks;
using CloudPbx.State.Usage;
using SupervisionMode = CloudPbx.Contracts.Live.SupervisionMode;

namespace CloudPbx.CallControl.Tenants;

/// <summary>
/// A tenant that lives here: its configuration, registrar, calls, dialogs, transactions and timers, all on one thread at a time (<see cref="TenantScheduler"/>).
/// Public members may be called from anywhere where their text says so; everything else is the tenant's own.
/// </summary>
internal sealed partial class TenantRuntime
{
    private static readonly TimeSpan s_quietCheck = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_quietLimit = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_steadyCheck = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_storeRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_seedAgain = TimeSpan.FromHours(1);

    private readonly WorkerServices _worker;
    private readonly ILogger<TenantRuntime> _logger;
    private readonly UserAgentLayer _agents;
    private readonly RequestDoor _door;
    private readonly NatPings _pings;
    private TimerHandle _quietTimer;
    private DateTime _lastBusy;
    private DateTime _lastSeed;
    private bool _ending;
    private bool _left;
    private bool _isDeleted;
    private volatile bool _calms;                                 // what would begin something is not let in
    private volatile bool _closed;                                // nothing is

    public TenantRuntime(TenantConfiguration configuration, long epoch, WorkerServices worker)
    {
        _worker = worker;
        _logger = worker.Loggers.CreateLogger<TenantRuntime>();
        Tenant = configuration.TenantId;
        Configuration = configuration;
        Epoch = epoch;
        Media = worker.Media(epoch);
        Scheduler = new TenantScheduler(LogFault, worker.Metrics.QueueDelay);
        _sojourn = new Sojourn(worker.Time);
        Edges = new TenantEdges(worker.Edges);
        Timers = worker.Wheel.For((callback, state) => Scheduler.Post(() => RunTimer(callback, state)));
        DigestServerOptions digest = new() { NonceLifetime = TimeSpan.FromSeconds(worker.Options.NonceSeconds) };
        Authenticator = new DeviceAuthenticator(this, new DigestServer(worker.Nonces, digest, worker.Time), worker.Guesses, worker.Time);
        Live = new LiveView(this, worker);
        Lamps = new BusyLamps(this, worker);
        News = new TenantNews(this, worker);
        Registrar = new TenantRegistrar(this, worker, Timers);
        Calls = new CallBook(this, worker);
        Usage = new OutsideUsage(this, worker);
        Snapshots = new SnapshotWriter(this, worker, (id, isComplete) => Calls.Find(id)?.ToSnapshot(isComplete), () => Calls.Ids);
        UserAgentOptions options = new()
        {
            Product = ServerName.Value,
            Methods = ServedMethods.All,
            CoreRefusesMethods = true,
            TakesEmergencyServices = true,
            IsNeverRefused = IsEmergency,                         // S36
            Extensions = [UserAgentOptions.Reliable, SessionTimer.OptionTag, "replaces", "norefersub"],
        };
        _agents = new UserAgentLayer(Timers, worker.SipTimers, worker.Tokens, options, _door = new RequestDoor(this, worker));
        Trunks = new TenantTrunks(this, worker);
        _pings = new NatPings(this, worker, _agents, Timers);
        _lastBusy = _lastSeed = worker.Time.GetUtcNow().UtcDateTime;
    }

    /// <summary>Raised on the tenant's thread when it has had nothing to do for a while: no binding, no call, no subscription.</summary>
    public event Action? Quiet;

    /// <summary>Raised on the tenant's thread when another worker owns the tenant: this activation is over.</summary>
    public event Action? Lost;

    /// <summary>Whether another worker has the tenant, or will have it: this activation is silent.</summary>
    public bool HasLeft => Volatile.Read(ref _left);

    /// <summary>Whether any call rings or talks; may be read from anywhere.</summary>
    public bool HasCalls => Calls.Count > 0;

    /// <summary>Whether any line is kept registered; may be read from anywhere.</summary>
    public bool HasLines => Trunks.LineCount > 0;

    /// <summary>Which tenant.</summary>
    public TenantId Tenant { get; }

    /// <summary>This activation; a higher one wins.</summary>
    public long Epoch { get; }

    /// <summary>The tenant's thread.</summary>
    public TenantScheduler Scheduler { get; }

    /// <summary>Version of the configuration in use; may be read from anywhere.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>The configuration in use: immutable, replaced whole.</summary>
    internal TenantConfiguration Configuration { get; private set; }

    /// <summary>The domain that stands for the tenant where no phone asked for another.</summary>
    internal string Domain => Configuration.Domains is [{ } first, ..] ? first : "anonymous.invalid";

    /// <summary>What the signalling of legs to phones agrees to.</summary>
    internal LegTerms PhoneTerms { get; set; } = LegTerms.Default;

    internal ITimers Timers { get; }

    /// <summary>The media node's door of this activation.</summary>
    internal IMediaNode Media { get; }

    internal DeviceAuthenticator Authenticator { get; }

    internal TenantRegistrar Registrar { get; }

    internal CallBook Calls { get; }

    /// <summary>Which call a message belongs to, for its ladder.</summary>
    internal LadderBook Ladders { get; } = new();

    internal LiveView Live { get; }

    /// <summary>Which phones watch which extensions.</summary>
    internal BusyLamps Lamps { get; }

    /// <summary>What goes into the tenant's event log.</summary>
    internal TenantNews News { get; }

    internal TenantTrunks Trunks { get; }

    internal SnapshotWriter Snapshots { get; }

    /// <summary>What calls to the outside use.</summary>
    internal OutsideUsage Usage { get; }

    /// <summary>The edges, for as long as the tenant lives here.</summary>
    internal TenantEdges Edges { get; }

    internal UserAgentLayer Agents => _agents;

    private long _version;

    /// <summary>Begins, with the bindings, calls, subscriptions and notes on trunks that an earlier owner left. Called once, from anywhere.</summary>
    public void Start(IReadOnlyList<Binding> bindings, IReadOnlyList<StoredCall> calls, UsageOfDay? used = null, IReadOnlyList<StoredSubscription>? subscriptions = null, IReadOnlyList<StoredTrunkNote>? notes = null)
    {
        Volatile.Write(ref _version, Configuration.Version);
        Scheduler.Post(() =>
        {
            Registrar.Restore(bindings);
            News.Restore(bindings);
            Registrar.Prune(Configuration);
            Trunks.Restore(notes ?? []);
            Trunks.Apply(Configuration);
            Usage.Restore(used);
            Calls.Restore(calls);
            EndIfSuspended();
            Usage.Watch();
            Lamps.Restore(subscriptions ?? []);
            Lamps.Prune(Configuration);
            Live.Reset();
            _pings.Start();
            _quietTimer = Timers.Schedule(s_quietCheck, static runtime => ((TenantRuntime)runtime!).CheckQuiet(), this);
        });
    }

    /// <summary>Swaps the configuration. Thread-safe.</summary>
    public void Replace(TenantConfiguration configuration) => Scheduler.Post(() => Take(configuration));

    /// <summary>The calls that ring or talk now. Thread-safe.</summary>
    public Task<IReadOnlyList<LiveCall>> CallsAsync() => Scheduler.RunAsync(() => Calls.List());

    /// <summary>Begins to watch or goes on, see <see cref="LiveView.Watch"/>. Thread-safe.</summary>
    public Task<LiveChange?> WatchAsync(long epoch, long sequence) => Scheduler.RunAsync(() => Live.Watch(epoch, sequence));

    /// <summary>Ends a call. Thread-safe.</summary>
    /// <returns>False where there is no such call.</returns>
    public Task<bool> HangUpAsync(CallId call) => Scheduler.RunAsync(() => Calls.Release(call, ReleaseCause.Operator));

    /// <summary>Puts another party into the place of one in a call. Thread-safe.</summary>
    public Task<TransferAnswer> TransferAsync(CallId call, CallParty? leaving, string number) =>
        Scheduler.RunAsync(() => Calls.Find(call) is { } found ? found.TransferFor(leaving, number) : TransferAnswer.NoCall);

    /// <summary>Makes a call for an extension. Thread-safe.</summary>
    public Task<OriginateAnswer> OriginateAsync(OriginateOrder order) => Scheduler.RunAsync(() => Calls.Originate(order));

    /// <summary>Holds, mutes or records in a call, or ends that. Thread-safe.</summary>
    public Task<CallActionAnswer> ActAsync(CallId call, CallAction action, CallParty? party) => Scheduler.RunAsync(() => Calls.Find(call) is { } found
        ? found.ActAsync(action, party) : Task.FromResult(CallActionAnswer.NoCall));

    /// <summary>Lets somebody hear a call. Thread-safe.</summary>
    public Task<OriginateAnswer> SuperviseAsync(SuperviseOrder order) => Scheduler.RunAsync(() => Calls.Supervise(order));

    /// <summary>Changes how a call is supervised, or ends it. Thread-safe.</summary>
    public Task<CallActionAnswer> ChangeSupervisionAsync(CallId call, CallId supervision, SupervisionMode? mode) => Scheduler.RunAsync(
        () => Calls.Find(supervision) is { } found && found.Supervises == call ? found.ChangeSupervisionAsync(mode) : Task.FromResult(CallActionAnswer.NoCall));

    /// <summary>Says what a call would do now, see <see cref="DryRun"/>. Thread-safe.</summary>
    public Task<RouteAnswer?> TryRouteAsync(string from, string to, string? trunk) => Scheduler.RunAsync(() => DryRun.Answer(from, to, trunk, Configuration, Calls.Conditions));

    /// <summary>How the trunks stand now. Thread-safe.</summary>
    public Task<IReadOnlyList<TrunkStatus>> TrunksAsync() => Scheduler.RunAsync(() => TrunkReport.Of(this));

    /// <summary>Tries a trunk against its carrier, see <see cref="TrunkCheck"/>. Thread-safe.</summary>
    /// <returns>Null where there is no such trunk.</returns>
    public Task<TrunkCheckAnswer?> CheckTrunkAsync(string trunk, string? number) => Scheduler.RunAsync(async () =>
        Configuration.Trunks.Values.FirstOrDefault(known => known.Name == trunk) is { } settings ? await new TrunkCheck(this, _worker, settings).RunAsync(number) : null);

    /// <summary>Tells a call something, if it still lives. Thread-safe.</summary>
    public void PostTo(CallId call, Action<Call> report) => Scheduler.Post(() =>
    {
        if (Calls.Find(call) is { } found)
            report(found);
    });

    /// <summary>The tenant is no more: when it ends here, those who watch its extensions are told so. Thread-safe.</summary>
    public void Deleted() => Scheduler.Post(() => _isDeleted = true);

    /// <summary>Ends all calls with BYE and takes no new ones. Thread-safe; completes when their records are written and their BYEs answered.</summary>
    public Task EndAsync(string why) => Scheduler.RunAsync(async () =>
    {
        _ending = true;
        _pings.Stop();
        _quietTimer.Cancel();
        await Task.WhenAll(Calls.EndAllAsync(ReleaseCause.Q(41, why)), Trunks.StopAsync());
        if (_isDeleted)
            Lamps.EndAll();
        await Lamps.FlushAsync();
        await Trunks.FlushNotesAsync();
        await Snapshots.FlushAsync();                             // or the next owner would find calls that go on
        await _worker.Usage.FlushAsync(Tenant);
        return true;
    });

    /// <summary>Waits until all calls stand where another owner can enter them, while messages come as before: what a call waits for (a PRACK, a phone's ACK) may be one. Thread-safe.</summary>
    /// <param name="limit">How long: a busy tenant may never come to rest.</param>
    public Task SettleAsync(TimeSpan limit) => Scheduler.RunAsync(async () =>
    {
        long began = _worker.Time.GetTimestamp();
        while (!Calls.AreSteady && !_left && _worker.Time.GetElapsedTime(began) < limit)
            await DelayAsync(s_steadyCheck, out _);
        return true;
    });

    /// <summary>
    /// Takes in nothing that would begin something (<see cref="Receive"/> says so), and waits until no call stands where the next owner would have to end it: a media node or a
    /// phone that is slow ends no call. Thread-safe.
    /// </summary>
    /// <param name="limit">How long: some calls stand like that for as long as somebody rings.</param>
    public Task CalmAsync(TimeSpan limit) => Scheduler.RunAsync(async () =>
    {
        _calms = true;
        long began = _worker.Time.GetTimestamp();
        while (!Calls.Survive && !_left && _worker.Time.GetElapsedTime(began) < limit)
            await DelayAsync(s_steadyCheck, out _);
        return true;
    });

    /// <summary>
    /// Gives the tenant away: waits until its calls stand where another owner can enter them, lets nothing more in (<see cref="Receive"/> says so), writes them down and falls
    /// silent, whatever comes after. Thread-safe.
    /// </summary>
    /// <param name="limit">How long to wait for calls that are being set up; the next owner ends those that are not ready then.</param>
    /// <returns>False when the store did not take them in time: the tenant is here still, and lets everything in.</returns>
    public Task<bool> HandOverAsync(TimeSpan limit) => Scheduler.RunAsync(async () =>
    {
        long began = _worker.Time.GetTimestamp();
        // Twice in a row: what was on its way here a moment ago has come by the second time.
        for (int steady = 0; steady < 2 && _worker.Time.GetElapsedTime(began) < limit; steady = IsSteady ? steady + 1 : 0)
            await DelayAsync(s_steadyCheck, out _);
        _closed = true;
        Interlocked.MemoryBarrier();                              // who counted itself before that is waited for, who comes after it is refused
        while (IsReceiving || (!IsSteady && _worker.Time.GetElapsedTime(began) < limit))
            await DelayAsync(s_steadyCheck, out _);
        await Registrar.HandOverAsync();
        await Lamps.FlushAsync();
        await Trunks.FlushNotesAsync();
        await _worker.Usage.FlushAsync(Tenant);                   // the next owner reads it once
        long wrote = _worker.Time.GetTimestamp();
        StoreOutcome outcome = await Snapshots.HandOverAsync();
        while (outcome == StoreOutcome.Away && _worker.Time.GetElapsedTime(wrote) < TimeSpan.FromSeconds(_worker.Options.HandOverSeconds))
        {
            await DelayAsync(s_storeRetry, out _);
            outcome = await Snapshots.HandOverAsync();
        }
        if (outcome == StoreOutcome.Away)
        {
            _calms = _closed = false;
            return false;
        }
        Leave();                                                  // also where another worker has the tenant already: its calls are not ours to end
        return true;
    });

    private bool IsSteady => Calls.AreSteady && _door.IsIdle && !IsReceiving;

    /// <summary>Another worker owns the tenant with a higher epoch: nothing more is said or written here.</summary>
    internal void Superseded()
    {
        if (_left)
            return;
        Leave();
        Lost?.Invoke();
    }

    /// <summary>Redis is back, perhaps without its data. Thread-safe.</summary>
    public void Reseed() => Scheduler.Post(() =>
    {
        if (_left)
            return;
        Registrar.ReseedAll();
        Lamps.Reseed();
        Trunks.ReseedNotes();
        Snapshots.Reseed();
    });

    private void Leave()
    {
        Volatile.Write(ref _left, true);
        Edges.Close();
        _pings.Stop();
        Lamps.Abandon();
        Calls.Abandon();
    }

    private void RunTimer(Action<object?> callback, object? state)
    {
        if (!_left)
            callback(state);
    }

    /// <summary>Whether new calls are refused because the tenant is leaving.</summary>
    internal bool IsEnding => _ending;

    /// <summary>Completes after a time; on the tenant's thread.</summary>
    internal Task DelayAsync(TimeSpan delay, out TimerHandle timer)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        timer = Timers.Schedule(delay, static state => ((TaskCompletionSource)state!).TrySetResult(), done);
        return done.Task;
    }

    /// <summary>Answers a request without body.</summary>
    internal void Respond(ServerTransaction transaction, int status, string? reason = null, params ReadOnlySpan<(SipHeaderName Name, string Value)> fields)
    {
        SipResponse response = SipResponse.For(transaction.Request, status, reason, _worker.Tokens.NewTag());
        foreach ((SipHeaderName name, string value) in fields)
            response.Headers.Add(name, value);
        response.Headers.Add(SipHeaderName.Server, ServerName.Value);
        transaction.Respond(response);
    }

    /// <summary>Refuses a request that may come again: the tenant leaves.</summary>
    internal void RespondLater(ServerTransaction transaction) => Respond(transaction, 503, null, (SipHeaderName.RetryAfter, RetryAfter.For(transaction.Request)));

    /// <summary>A device registered: its running calls follow it to its new flow (a phone that reconnected).</summary>
    internal void Moved(RegisterOutcome.Accepted accepted, ConfiguredDevice device, EdgeFlow flow)
    {
        foreach (Binding binding in accepted.Saved)
        {
            Calls.Follow(device.Id, binding, flow);
            Lamps.Follow(device.Id, binding, flow);
        }
    }

    private void CheckQuiet()
    {
        DateTime now = _worker.Time.GetUtcNow().UtcDateTime;
        Registrar.Reseed();
        if (now - _lastSeed >= s_seedAgain)
        {
            _lastSeed = now;
            Snapshots.Reseed();                                   // long before they would expire
        }
        if (Registrar.Count > 0 || Calls.Count > 0 || Trunks.LineCount > 0 || Lamps.Count > 0)
            _lastBusy = now;
        if (now - _lastBusy >= s_quietLimit)
            Quiet?.Invoke();
        else
            _quietTimer = Timers.Schedule(s_quietCheck, static runtime => ((TenantRuntime)runtime!).CheckQuiet(), this);
    }

    private void LogFault(Exception exception) => LogFault(Tenant.ToString(), exception);

    [LoggerMessage(LogLevel.Error, "A handler of tenant {TenantId} threw")]
    private partial void LogFault(string tenantId, Exception exception);

    [LoggerMessage(LogLevel.Information, "Tenant {TenantId} runs with configuration {Version} now")]
    private partial void LogReplaced(string tenantId, long version);
}
