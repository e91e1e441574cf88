using System.Net;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;
using CloudPbx.Grains;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Resolution;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Carriers;

/// <summary>The carriers' side of a tenant: its registered lines, the ways to its carriers, and who of them may call.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed partial class TenantTrunks
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(3);

    private readonly TenantRuntime _tenant;
    private readonly WorkerServices _worker;
    private readonly ILogger<TrunkLine> _logger;
    private readonly Dictionary<(TrunkId Trunk, string User), TrunkLine> _lines = [];
    private readonly Dictionary<(TrunkId Trunk, string User), TrunkCredentials> _credentials = [];
    private readonly Dictionary<TrunkId, TrunkPing> _pings = [];
    private readonly Dictionary<TrunkId, (string Carrier, LearnedRel100 What)> _learned = [];
    private readonly Dictionary<TrunkId, (TrunkSettings Of, IReadOnlyList<NextHop> Servers)> _inPeace = [];
    private readonly Dictionary<TrunkId, IReadOnlyList<NextHop>> _serversOfShared = [];      // that the tenant found itself, as nobody had told it yet
    private bool _stopped;
    private TimerHandle _looking;

    public TenantTrunks(TenantRuntime tenant, WorkerServices worker)
    {
        _tenant = tenant;
        _worker = worker;
        _logger = worker.Loggers.CreateLogger<TrunkLine>();
        Flows = new CarrierFlows(tenant, worker);
        _notes = new TrunkNoteWriter(tenant, worker, NoteOf);
    }

    /// <summary>The ways to the carriers' servers.</summary>
    public CarrierFlows Flows { get; }

    /// <summary>Number of lines that are kept registered: while there is one the tenant is never quiet.</summary>
    public int LineCount => _lines.Count;

    /// <summary>The lines.</summary>
    public IReadOnlyCollection<TrunkLine> Lines => _lines.Values;

    /// <summary>The line of an account; null where it is not kept registered.</summary>
    public TrunkLine? FindLine(TrunkId trunk, string user) => _lines.GetValueOrDefault((trunk, user));

    /// <summary>Whether a trunk's carrier answers; null where it is not asked.</summary>
    public PingStatus? PingOf(TrunkId trunk) => _pings.GetValueOrDefault(trunk)?.Status;

    /// <summary>The trunks whose carriers do not answer, or want to be left in peace: routes go by others, where there are some.</summary>
    public IReadOnlySet<TrunkId> Down => _pings.Values.Where(ping => ping.Status.Reach == TrunkReach.Down).Select(ping => ping.Trunk.Id)
        .Concat(_inPeace.Where(entry => entry.Value.Servers.All(_worker.Down.IsDown)).Select(entry => entry.Key)).ToHashSet();

    /// <summary>What a trunk's calls taught of reliable provisional responses; null for nothing, and where its policy is not <c>auto</c>.</summary>
    public LearnedRel100? LearnedOf(TrunkSettings trunk) =>
        _learned.TryGetValue(trunk.Id, out (string Carrier, LearnedRel100 What) learned) && IsTaughtBy(trunk, learned.Carrier) ? learned.What : null;

    /// <summary>A carrier refused a PRACK, or an INVITE for its <c>100rel</c>. Kept until the trunk gets another server or policy; an owner that starts takes it over for a week (<see cref="CloudPbx.State.Trunks.TrunkNoteStore.Life"/>): what a carrier mends is tried again then.</summary>
    public void Learn(TrunkSettings trunk, ReliabilityRefusal refusal)
    {
        if (trunk.Profile.Rel100 != Rel100Policy.Auto || LearnedOf(trunk) is not null)
            return;
        _learned[trunk.Id] = (TrunkNote.CarrierOf(trunk), new LearnedRel100(_worker.Time.GetUtcNow().UtcDateTime, refusal.Method.Name, refusal.StatusCode, refusal.ReasonPhrase));
        _notes.Changed(trunk.Id);
        LogLearned(_logger, _tenant.Tenant.ToString(), trunk.Name, refusal.Method.Name, refusal.StatusCode);      // I2: once per trunk
    }

    /// <summary>A carrier requires reliable provisional responses after all: it has mended what was learned of it.</summary>
    public void Unlearn(TrunkSettings trunk)
    {
        if (!_learned.Remove(trunk.Id))
            return;
        _notes.Changed(trunk.Id);
        LogUnlearned(_logger, _tenant.Tenant.ToString(), trunk.Name);
    }

    /// <summary>The carrier of a trunk answered a call, whatever it said.</summary>
    public void Heard(TrunkId trunk) => _pings.GetValueOrDefault(trunk)?.Heard();

    /// <summary>All servers of a trunk refused a call, and asked for patience (RFC 3261 §21.5.4: no other request before that; I28). Another tenant's call that one of them takes ends it.</summary>
    public void LeaveInPeace(TrunkSettings trunk, IReadOnlyList<NextHop> servers) => _inPeace[trunk.Id] = (trunk, servers);

    /// <summary>Takes a configuration: registers the lines that are new, ends those that are gone or changed.</summary>
    public void Apply(TenantConfiguration configuration)
    {
        if (_stopped)
            return;
        _credentials.Clear();
        _serversOfShared.Clear();
        ApplyPings(configuration);
        ApplyFailures(configuration);
        foreach ((TrunkId trunk, (string carrier, _)) in _learned)
        {
            if (configuration.Trunks.TryGetValue(trunk, out TrunkSettings? settings) && IsTaughtBy(settings, carrier))
                continue;
            _learned.Remove(trunk);
            _notes.Changed(trunk);
        }
        foreach ((TrunkId trunk, (TrunkSettings of, _)) in _inPeace)
            if (!configuration.Trunks.TryGetValue(trunk, out TrunkSettings? settings) || (settings.Server, settings.OutboundProxy) != (of.Server, of.OutboundProxy))
                _inPeace.Remove(trunk);
        Dictionary<(TrunkId, string), (TrunkSettings Trunk, TrunkAccount Account)> wanted = configuration.Trunks.Values
            .Where(trunk => trunk is { Enabled: true, Kind: TrunkKind.Registered, IsCopy: false })
            .SelectMany(trunk => trunk.Accounts, (trunk, account) => (trunk, account))
            .ToDictionary(line => (line.trunk.Id, line.account.User));
        foreach (((TrunkId, string) key, TrunkLine line) in _lines)
        {
            if (wanted.TryGetValue(key, out (TrunkSettings Trunk, TrunkAccount Account) same) && LineSettings.Equal(line, same.Trunk, same.Account))
            {
                wanted.Remove(key);
                continue;
            }
            _lines.Remove(key);
            _tenant.Scheduler.Start(line.StopAsync);
        }
        foreach (((TrunkId, string) key, (TrunkSettings trunk, TrunkAccount account)) in wanted)
        {
            TrunkLine line = _lines[key] = new TrunkLine(_tenant, _worker, Flows, trunk, account, _logger);
            _tenant.Scheduler.Start(line.RunAsync);
        }
        _looking.Cancel();
        LookAgain();
    }

    // Whether the carrier of a trunk is the one that taught.
    private static bool IsTaughtBy(TrunkSettings trunk, string carrier) => trunk.Profile.Rel100 == Rel100Policy.Auto && TrunkNote.CarrierOf(trunk) == carrier;

    private void LookAgain()
    {
        if (_lines.Count > 0 && !_stopped)
            _looking = _tenant.Timers.Schedule(s_look, static trunks => ((TenantTrunks)trunks!).Look(), this);
    }

    private void Look()
    {
        foreach (TrunkLine line in _lines.Values)
            line.Look();
        LookAgain();
    }

    private void ApplyPings(TenantConfiguration configuration)
    {
        foreach ((TrunkId id, TrunkPing ping) in _pings)
        {
            if (configuration.Trunks.TryGetValue(id, out TrunkSettings? same) && same is { Enabled: true, Profile.OptionsKeepAlive: true } && ping.IsFor(same))
                continue;
            ping.Stop();
            _pings.Remove(id);
        }
        foreach (TrunkSettings trunk in configuration.Trunks.Values)
        {
            if (trunk is not { Enabled: true, Profile.OptionsKeepAlive: true } || _pings.ContainsKey(trunk.Id))
                continue;
            TrunkPing ping = _pings[trunk.Id] = new TrunkPing(_tenant, _worker, Flows, trunk, () => trunk.Accounts.Any(account => IsRegistered(trunk, account)), _logger);
            _tenant.Scheduler.Start(ping.RunAsync);
        }
    }

    /// <summary>Ends all registrations and tells the carriers.</summary>
    public Task StopAsync()
    {
        _stopped = true;
        _looking.Cancel();
        foreach (TrunkPing ping in _pings.Values)
            ping.Stop();
        return Task.WhenAll(_lines.Values.Select(line => line.StopAsync()));
    }

    /// <summary>The side of a leg that calls a carrier.</summary>
    /// <param name="trunk">The trunk.</param>
    /// <param name="callerNumber">The number that is shown, in the carrier's form.</param>
    public CarrierSide SideFor(TrunkSettings trunk, string? callerNumber)
    {
        // The line that has the shown number as its account, else one that is registered, else any.
        TrunkAccount? account = trunk.Accounts.FirstOrDefault(a => a.User == callerNumber || "+" + a.User == callerNumber)
            ?? trunk.Accounts.FirstOrDefault(a => IsRegistered(trunk, a))
            ?? (trunk.Accounts is [{ } any, ..] ? any : null);
        return new CarrierSide(trunk, account, callerNumber, account is null ? null : CredentialsOf(trunk, account));
    }

    /// <summary>Whether a line is registered, be it by a shared trunk's keeper.</summary>
    public bool IsRegistered(TrunkSettings trunk, TrunkAccount account) =>
        trunk.IsCopy ? _worker.SharedLines.Find(trunk, account)?.RegisteredSince is not null : _lines.TryGetValue((trunk.Id, account.User), out TrunkLine? line) && line.IsRegistered;

    /// <summary>How the lines of a shared trunk stand, as their keeper told, without what is the owner's alone: accounts, and what the carrier said of them.</summary>
    public List<TrunkStatusLine> SharedLinesOf(TrunkSettings trunk) => trunk is not { Enabled: true, Kind: TrunkKind.Registered } ? [] :
    [
        .. trunk.Accounts.Select(account => _worker.SharedLines.Find(trunk, account)).Select(line => new TrunkStatusLine { Account = "", RegisteredSince = line?.RegisteredSince, ExpiresAt = line?.ExpiresAt }),
    ];

    /// <summary>The side of a leg that another owner had; null where its trunk is gone.</summary>
    public CarrierSide? Restore(TrunkId trunk, string? user, string? callerNumber)
    {
        if (!_tenant.Configuration.Trunks.TryGetValue(trunk, out TrunkSettings? settings))
            return null;
        TrunkAccount? account = settings.Accounts.FirstOrDefault(a => a.User == user);
        return new CarrierSide(settings, account, callerNumber, account is null ? null : CredentialsOf(settings, account));
    }

    /// <summary>Whether an INVITE comes from a carrier, who is then believed without a password: by its source address, or by the certificate that it showed, and nothing else (CVE-2024-35190).</summary>
    /// <returns>Null for everybody else.</returns>
    public CarrierCaller? FindCaller(SipRequest request, EdgeFlow flow)
    {
        if (ContactToken.TryParse(request.RequestUri.User, out ContactToken token) && token.Leg == ContactToken.LineLeg)
        {
            if (token.Tenant != _tenant.Tenant.Value)
                return FindCallerByShared(request, flow, token);
            TrunkLine? line = _lines.Values.FirstOrDefault(line => line.Number == token.Call);
            return line is not null && _tenant.Configuration.Trunks.TryGetValue(line.Trunk.Id, out TrunkSettings? trunk) && IsTrusted(trunk, flow)
                ? CallerBy(request, trunk, line.Account) : null;
        }
        TrunkSettings[] trunks = [.. _tenant.Configuration.Trunks.Values.Where(trunk => trunk.Enabled && IsTrusted(trunk, flow))];
        if (trunks.Length == 0)
            return null;                                          // nearly all calls: a phone's
        CarrierCaller[] callers = [.. trunks.OrderBy(trunk => trunk.Name, StringComparer.Ordinal).Select(trunk => CallerBy(request, trunk, null))];
        // Two trunks of one carrier: the called number says which. Where none has it, any of them gives the refusal; but who writes one of our extensions is a phone behind
        // the address of its office's gateway, and proves it.
        return Array.Find(callers, caller => Router.RouteInbound(caller.Trunk, caller.Number, caller.Called, _tenant.Configuration).Target is not RouteTarget.Refused)
            ?? (callers is [{ } first, ..] && !NamesOneOfOurs(request.From.Uri) ? first : null);
    }

    // To a line of a shared trunk: the edge has seen that the called number is ours, and we see that the carrier calls.
    private CarrierCaller? FindCallerByShared(SipRequest request, EdgeFlow flow, ContactToken token) =>
        _tenant.Configuration.SharedTrunks.FirstOrDefault(copy => copy.LinesOf.Value == token.Tenant) is { Enabled: true, Kind: TrunkKind.Registered } trunk
            && trunk.Accounts.FirstOrDefault(account => TrunkLine.NumberOf(trunk, account) == token.Call) is { } line && IsTrusted(trunk, flow)
            ? CallerBy(request, trunk, line) : null;

    /// <summary>
    /// Looks for the servers at which the lines of shared trunks register, where a request may come from one and their keeper's word has not come yet: a carrier's call may be what
    /// woke the tenant.
    /// </summary>
    /// <returns>Null where there is nothing to look for.</returns>
    public Task? LookForServers(SipRequest request)
    {
        TrunkSettings[] unknown = [.. _tenant.Configuration.SharedTrunks.Where(trunk =>
            trunk is { Enabled: true, Kind: TrunkKind.Registered } && !_worker.SharedLines.KnowsServersOf(trunk) && !_serversOfShared.ContainsKey(trunk.Id) && MayBeBy(request, trunk))];
        return unknown.Length == 0 ? null : Task.WhenAll(unknown.Select(LookAsync));

        async Task LookAsync(TrunkSettings trunk)
        {
            NextHops found = await Flows.FindAsync(trunk);
            if (found.Hops.Count > 0)
                _serversOfShared[trunk.Id] = found.Hops;
        }
    }

    // By the line's Contact, or by a number of the trunk's, as some registrars do (I10).
    private bool MayBeBy(SipRequest request, TrunkSettings trunk) =>
        ContactToken.TryParse(request.RequestUri.User, out ContactToken token) ? token.Leg == ContactToken.LineLeg && token.Tenant == trunk.LinesOf.Value
        : request.RequestUri.User is { } user && (_tenant.Configuration.Numbers.GetValueOrDefault(user) ?? _tenant.Configuration.Numbers.GetValueOrDefault("+" + user))?.Trunk == trunk.Id;

    private bool NamesOneOfOurs(SipUri from) => from.User is { } user && _tenant.Configuration.Domains.Contains(from.Host, StringComparer.OrdinalIgnoreCase)
        && (_tenant.Configuration.Extensions.ContainsKey(user) || _tenant.Configuration.DevicesByAuthUser.ContainsKey(user));

    /// <summary>Whether a trunk's carrier is at the other end: at an address that was configured, or a server at which one of its lines registers (also where a shared trunk's keeper registers them), or with a certificate that was configured.</summary>
    public bool IsTrusted(TrunkSettings trunk, EdgeFlow flow)
    {
        IPAddress source = flow.Remote.Address, plain = source.IsIPv4MappedToIPv6 ? source.MapToIPv4() : source;
        return (flow.Token.ProvedSource != 0 && trunk.Sources.Any(known => CertificateSource.Is(known) && CertificateSource.DigestOf(known) == flow.Token.ProvedSource))
            || trunk.Sources.Any(network => IPNetwork.TryParse(network, out IPNetwork known) && known.Contains(plain))
            || _lines.Values.Any(line => line.Trunk.Id == trunk.Id && line.IsServer(plain))
            || _worker.SharedLines.IsServer(trunk, plain)
            || (_serversOfShared.TryGetValue(trunk.Id, out IReadOnlyList<NextHop>? found) && found.Any(hop => hop.EndPoint.Address.Equals(plain)));
    }

    // An account's own user name is a called number, too: carriers that know no other write that.
    private static CarrierCaller CallerBy(SipRequest request, TrunkSettings trunk, TrunkAccount? account)
    {
        (string number, string name) = InboundNumbers.Caller(request);
        return new CarrierCaller(new CarrierSide(trunk, account, null, null), number, name, InboundNumbers.Called(request, trunk));
    }

    private DigestClient CredentialsOf(TrunkSettings trunk, TrunkAccount account)
    {
        if (_lines.TryGetValue((trunk.Id, account.User), out TrunkLine? line))
            return line.Credentials.Client;                       // the registrar's realm is the line's
        if (!_credentials.TryGetValue((trunk.Id, account.User), out TrunkCredentials? known))
            _credentials[(trunk.Id, account.User)] = known = new TrunkCredentials(() => _tenant.Configuration, trunk, account, _worker.Tokens, () => _worker.SharedLines.Find(trunk, account)?.Realm);
        return known.Client;
    }

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId}: trunk {Trunk} does not cope with 100rel ({Method} got {Status}); its calls do without from now on")]
    private static partial void LogLearned(ILogger logger, string tenantId, string trunk, string method, int status);

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId}: trunk {Trunk} requires 100rel, which it did not cope with before; its calls offer it again")]
    private static partial void LogUnlearned(ILogger logger, string tenantId, string trunk);
}
