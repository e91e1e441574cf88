using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using CloudPbx.CallControl.Accounting;
using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Carriers;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.News;
using CloudPbx.CallControl.Registrar;
using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Telemetry;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Tenants;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Resolution;
using CloudPbx.Sip.Transport;
using CloudPbx.State;
using CloudPbx.State.Bans;
using CloudPbx.State.Bindings;
using CloudPbx.State.Usage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>A tenant's runtime with nothing real around it: a fake clock, a fake edge, a fake media node, a list for its records.</summary>
internal sealed partial class TestTenant : ICallRecords, IEventReports, IBindingCopy, IBanReports, IUsageCopy, IDisposable
{
    private static readonly PlatformKey s_platform = new([new byte[PlatformKey.KeyLength]]);
    private static readonly TenantKeyring s_keyring = new(s_platform);
    private readonly CallControlOptions _options = new();

    /// <summary>What seals the tenants' secrets.</summary>
    public static TenantKeyring Keyring => s_keyring;

    /// <summary>What seals the platform's.</summary>
    public static PlatformSeal PlatformSeal { get; } = new(s_platform);

    private TimerWheel _wheel;
    private TenantEdges _door;

    public TestTenant(string domain = "acme.test", SrtpPolicy encryption = SrtpPolicy.Optional, Action<CallControlOptions>? configure = null, WorkerMetrics? metrics = null, SharedChannels? shared = null, SharedLines? lines = null, TenantId? tenant = null)
    {
        Tenant = tenant ?? TenantId.New();
        SharedLines = lines ?? new SharedLines();
        Domain = domain;
        SharedChannels = shared ?? new SharedChannels();
        configure?.Invoke(_options);
        Encryption = encryption;
        Bans = new BanTable(Options.Create(BanOptions), Time);
        Attacks = new AttackTable(Time);
        Metrics = metrics ?? new WorkerMetrics();
        Runtime = NewRuntime();
        Edge.FlowFailed += response => Deliver(response, LinkFlow.Instance);
        Edge.Answered += response => Deliver(response, LinkFlow.Instance);
        Runtime.Start([], []);
    }

    public string Domain { get; }

    /// <summary>What of shared trunks is in use on the worker.</summary>
    public SharedChannels SharedChannels { get; }

    /// <summary>What keepers told of shared trunks' lines.</summary>
    public SharedLines SharedLines { get; }

    public SrtpPolicy Encryption { get; }

    public TenantId Tenant { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));

    public FakeEdge Edge { get; } = new();

    public FakeNames Dns { get; } = new();

    public FakeMedia Media { get; } = new();

    public MediaSessions Sessions { get; private set; } = new();

    public WorkerMetrics Metrics { get; }

    public ConcurrentQueue<CallEnded> Records { get; } = new();

    public DownTargets Down { get; private set; } = null!;

    public ConcurrentDictionary<string, Binding> Copies { get; } = new();

    /// <summary>What the copy in Redis does; a task that never ends is a Redis that hangs.</summary>
    public Func<Task<StoreOutcome>> Copying { get; set; } = () => Task.FromResult(StoreOutcome.Done);

    private TenantKey? _key;

    public BanOptions BanOptions { get; } = new();

    public BanTable Bans { get; }

    public AttackTable Attacks { get; }

    /// <summary>Wrong passwords of each account, over all sources; too many of them are an attack, as in Redis.</summary>
    public ConcurrentDictionary<AttackedAccount, int> Guesses { get; } = new();

    /// <summary>Whom the worker reported as guessing.</summary>
    public ConcurrentQueue<BanSubject> Guessers { get; } = new();

    /// <summary>From where accounts were registered.</summary>
    public ConcurrentQueue<BanSource> Registrations { get; } = new();

    public TenantRuntime Runtime { get; private set; }

    /// <summary>Changes what <see cref="Configure"/> gives: adds trunks, for example.</summary>
    public Func<TenantConfigurationContent, TenantConfigurationContent> Shape { get; set; } = content => content;

    /// <summary>What the database has that the worker was not told of.</summary>
    public Func<long, Task<TenantConfiguration?>> Newer { get; set; } = _ => Task.FromResult<TenantConfiguration?>(null);

    /// <summary>How long phones ring, from the next configuration on.</summary>
    public int RingSeconds { get; set; } = 30;

    /// <summary>Extensions 100 to 102 with a device each, and a second device of 101.</summary>
    public TenantConfiguration Configure(long version, params string[] without)
    {
        TenantKey key = _key ??= s_keyring.CreateKey(Tenant);         // one for all configurations, as a tenant has
        (string User, string Extension)[] devices = [("100", "100"), ("101", "101"), ("101b", "101"), ("102", "102")];
        return new TenantConfiguration(Shape(new TenantConfigurationContent
        {
            TenantId = Tenant,
            Version = version,
            Name = "Acme",
            Language = "en",
            RingSeconds = RingSeconds,
            WrappedKey = key.Wrapped.ToArray(),
            Domains = [Domain],
            Extensions = [.. new[] { ("100", "Alice"), ("101", "Bob"), ("102", "Carol") }.Where(extension => !without.Contains(extension.Item1))
                .Select(extension => new TenantConfigurationContent.ExtensionContent(ExtensionIdOf(extension.Item1), extension.Item1, extension.Item2, null))],
            Devices = [.. devices.Where(device => !without.Contains(device.User)).Select(device => new TenantConfigurationContent.DeviceContent(
                DeviceIdOf(device.User), device.Extension, device.User, device.User, Encryption, false,
                DeviceSecret.Seal(s_keyring, key, DeviceIdOf(device.User), "secret-" + device.User)))],
        }), s_keyring);
    }

    /// <summary>A phone with the right password.</summary>
    public StubPhone Phone(string user, SipTransport transport = SipTransport.Tls, string? password = null, string address = "192.0.2.9", int? port = null)
    {
        StubPhone phone = new(this, user, password ?? "secret-" + user, transport, address, port);
        Edge.Add(phone);
        return phone;
    }

    /// <summary>A phone that has registered.</summary>
    public async Task<StubPhone> RegisteredAsync(string user, SipTransport transport = SipTransport.Tls, string? userAgent = null)
    {
        StubPhone phone = Phone(user, transport);
        phone.UserAgent = userAgent;
        Assert.Equal(200, (await phone.RegisterAsync()).StatusCode);
        return phone;
    }

    /// <summary>Lets the tenant do all that it can do now.</summary>
    /// <remarks>
    /// All of its work stands in one queue, and nothing around it is real: what an item leads to stands behind the items that were there. So one turn
    /// of the queue is one step of the longest chain of steps, and no chain of ours is that long.
    /// </remarks>
    public async Task SettleAsync()
    {
        for (int turn = 0; turn < 30; turn++)
            await Runtime.Scheduler.RunAsync(() => 0).WaitAsync(Patience.Limit);
    }

    /// <summary>Subscriptions of busy lamp keys, once the tenant has done what it had to do: an answer goes out before its turn is over.</summary>
    public async Task<int> LampsAsync()
    {
        await SettleAsync();
        return Runtime.Lamps.Count;
    }

    /// <summary>Turns the clock, then lets the tenant do what is due.</summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        await SettleAsync();
        Time.Advance(time);
        await SettleAsync();
    }

    /// <summary>The record of the only call so far.</summary>
    public async Task<CallEnded> RecordAsync()
    {
        await SettleAsync();
        return Assert.Single(Records);
    }

    /// <summary>Calls as they stood when they began and when they were answered.</summary>
    public ConcurrentQueue<CallEnded> CallNews { get; } = new();

    /// <summary>What else was told for the event log.</summary>
    public ConcurrentQueue<TenantEvent> News { get; } = new();

    public void CallChanged(CallEnded soFar) => CallNews.Enqueue(soFar);

    /// <summary>What happens to everybody who tells something.</summary>
    public Exception? NewsFault { get; set; }

    public void Happened(TenantEvent happened)
    {
        if (NewsFault is { } fault)
            throw fault;
        News.Enqueue(happened);
    }

    private readonly ConcurrentQueue<Action> _unconfirmed = new();

    public void Append(CallEnded fact, Action confirmed)
    {
        Records.Enqueue(fact);
        if (BusIsThere)
            confirmed();
        else
            _unconfirmed.Enqueue(confirmed);
    }

    /// <summary>The bus confirms what it was given while it was not there.</summary>
    public void Confirm()
    {
        while (_unconfirmed.TryDequeue(out Action? confirmed))
            confirmed();
    }

    public async Task<StoreOutcome> SaveAsync(
        TenantId tenant, long epoch, IReadOnlyCollection<Binding> save, IReadOnlyCollection<string> remove)
    {
        foreach (string key in remove)
            Copies.TryRemove(key, out _);
        foreach (Binding binding in save)
            Copies[binding.Key] = binding;
        return await Copying();
    }

    /// <summary>What the worker counted of calls to the outside.</summary>
    public ConcurrentQueue<(DateOnly Day, string Payer, long Milliseconds, long MicroUnits)> Used { get; } = new();

    /// <summary>The same by destination.</summary>
    public ConcurrentQueue<(string Destination, long MicroUnits)> Spent { get; } = new();

    void IUsageCopy.Add(TenantId tenant, DateOnly day, string payer, string? destination, DayUse use)
    {
        Used.Enqueue((day, payer, use.Milliseconds, use.MicroUnits));
        if (destination is not null)
            Spent.Enqueue((destination, use.MicroUnits));
    }

    Task IUsageCopy.FlushAsync(TenantId tenant) => Task.CompletedTask;

    Task<UsageOfDay?> IUsageCopy.LoadAsync(TenantId tenant, DateOnly day) => Task.FromResult<UsageOfDay?>(UsedUntilNow());

    /// <summary>The copy, as the next owner reads it.</summary>
    public UsageOfDay UsedUntilNow() => new(DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime), [.. Used.Select(use => (use.Payer, use.Milliseconds, use.MicroUnits))])
    {
        Destinations = [.. Spent],
    };

    void IBanReports.Ban(in BanSubject subject) => Guessers.Enqueue(subject);

    void IBanReports.Guessed(in AttackedAccount account, int weight)
    {
        if (Guesses.AddOrUpdate(account, weight, (_, count) => count + weight) >= BanOptions.AccountWrongPasswords)
            Attacks.Add(account, Time.GetUtcNow().UtcDateTime.AddSeconds(BanOptions.AttackSeconds));
    }

    void IBanReports.Registered(in BanSource source, TimeSpan life) => Registrations.Enqueue(source);

    public void Dispose()
    {
        _wheel.Dispose();
        Metrics.Dispose();
    }

    /// <summary>What Redis holds of the busy lamps.</summary>
    public FakeLampStore LampStore { get; } = new();

    /// <summary>What Redis holds of the trunks.</summary>
    public FakeTrunkNotes TrunkNotes { get; set; } = new();

    /// <summary>What watchers were told.</summary>
    public FakeLive Live { get; } = new();

    /// <summary>What all tenants' nonces are made with.</summary>
    public DigestNonces Nonces { get; private set; }

    [MemberNotNull(nameof(_wheel), nameof(_door), nameof(Nonces))]
    private TenantRuntime NewRuntime()
    {
        _wheel = new TimerWheel(Time);
        _door = new TenantEdges(Edge);
        Down = new DownTargets(Time);
        DigestNonces nonces = Nonces = new DigestNonces(RandomNumberGenerator.GetBytes(32));
        TenantRuntime runtime = new(Configure(1), Epoch, new WorkerServices
        {
            Wheel = _wheel,
            Time = Time,
            Delay = new WorkerDelay(Time),
            Edges = _door,
            Media = _ => Media,
            Sessions = Sessions,
            Bindings = this,
            Snapshots = Store,
            Usage = this,
            Records = this,
            Events = this,
            Live = Live,
            Lamps = LampStore,
            TrunkNotes = TrunkNotes,
            Guesses = new GuessGuard(BanOptions, Bans, Attacks, this, Time),
            Options = _options,
            Metrics = Metrics,
            NextHops = new NextHopResolver(Dns, Down, new Random(1)),
            Down = Down,
            Loggers = NullLoggerFactory.Instance,
            Nonces = () => nonces,
            SharedChannels = SharedChannels,
            SharedLines = SharedLines,
            Newer = (_, version) => Newer(version),
        });
        if (Runtime is { } former)
            Metrics.Remove(former);
        Metrics.Add(runtime);
        return runtime;
    }

    private static ExtensionId ExtensionIdOf(string number) => new(new Guid(int.Parse(number, null), 0, 0, new byte[8]));

    private static DeviceId DeviceIdOf(string user) => new(new Guid(user.GetHashCode(StringComparison.Ordinal), 1, 0, new byte[8]));
}
