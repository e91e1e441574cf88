using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Resolution;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Carriers;

/// <summary>
/// One account that is registered at a carrier, for as long as the trunk is enabled, by its tenant or, of a shared trunk, by the trunk's keeper: finds the registrar, registers, refreshes, and begins anew at another of its
/// servers where one is silent. Its Contact names the tenant and the line, so that any edge finds them, and stays the same whoever owns the tenant: the carrier
/// has one binding, never two. Where an edge at another address takes over, what the carrier tells of the former one is removed.
/// </summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed partial class TrunkLine
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(30);
    private const int LongestPauseFactor = 16;
    private const int LooksUntilGone = 2;

    private readonly TenantRuntime _tenant;
    private readonly WorkerServices _worker;
    private readonly CarrierFlows _flows;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RegistrationClient? _client;
    private EdgeFlow? _by;                                        // the way that its registration took
    private TaskCompletionSource<TimeSpan>? _broken;
    private int _missed;                                          // looks in a row that did not find its edge
    private readonly Dictionary<NextHop, DateTime> _patience = [];  // until when servers want to be left in peace
    private LineStatus _status = new();
    private IReadOnlyList<NextHop> _hops = [];
    private NextHop _hop;
    private int _failures;

    public TrunkLine(TenantRuntime tenant, WorkerServices worker, CarrierFlows flows, TrunkSettings trunk, TrunkAccount account, ILogger logger)
    {
        _tenant = tenant;
        _worker = worker;
        _flows = flows;
        _logger = logger;
        Trunk = trunk;
        Account = account;
        Number = NumberOf(trunk, account);
        Credentials = new TrunkCredentials(() => tenant.Configuration, trunk, account, worker.Tokens);
    }

    public TrunkSettings Trunk { get; }

    public TrunkAccount Account { get; }

    /// <summary>The line's number in its Contact's token.</summary>
    public ulong Number { get; }

    public TrunkCredentials Credentials { get; }

    /// <summary>Where it stands. What the carrier held runs out also while none of its servers wants to be asked.</summary>
    public LineStatus Status
    {
        get => _status.ExpiresAt <= Now ? _status with { RegisteredSince = null, ExpiresAt = null } : _status;
        private set => _status = value;
    }

    /// <summary>The edge by which it registers; null while it does not.</summary>
    public uint? EdgeId => _by?.Token.EdgeId;

    /// <summary>The registrar's servers.</summary>
    public IEnumerable<IPAddress> Servers => _hops.Select(hop => hop.EndPoint.Address).Distinct();

    public bool IsRegistered => Status.RegisteredSince is not null;

    /// <summary>Whether a message came from one of the registrar's servers. No other address may use the line's Contact: a token is no secret (S11).</summary>
    public bool IsServer(IPAddress address) => _hops.Any(hop => hop.EndPoint.Address.Equals(address));

    /// <summary>Registers, and stays registered until <see cref="StopAsync"/> or the tenant leaves.</summary>
    public async Task RunAsync()
    {
        while (!_stopped.Task.IsCompleted)
        {
            TimeSpan pause = await RegisterOnceAsync();
            Task wait = _tenant.DelayAsync(pause, out TimerHandle timer);
            await _tenant.Scheduler.FirstOf(wait, _stopped.Task);
            timer.Cancel();
        }
    }

    /// <summary>
    /// Looks whether the edge by which it is registered is there still. One that is missing twice is gone (a link that breaks is dialled again within seconds): the carrier would
    /// call an address that nobody has, until the next refresh, so the line registers by another edge at once.
    /// </summary>
    public void Look()
    {
        if (_by is not { } flow || _broken is not { } broken || _tenant.Edges.Ids.Contains(flow.Token.EdgeId))
        {
            _missed = 0;
            return;
        }
        if (++_missed < LooksUntilGone)
            return;
        _missed = 0;
        _flows.Gone(flow);
        Failed(0, "The edge is gone");
        broken.TrySetResult(TimeSpan.Zero);
    }

    /// <summary>Ends the registration and tells the carrier so, where it held one.</summary>
    public async Task StopAsync()
    {
        if (!_stopped.TrySetResult())
            return;
        RegistrationClient? client = _client;
        _client = null;
        if (client is not null && IsRegistered)
            await client.UnregisterAsync();
        else
            client?.Stop();
        Status = Status with { RegisteredSince = null, ExpiresAt = null };
    }

    /// <summary>The line's number: the same in every process and for all tenants that share the trunk, and none of the account's own words.</summary>
    internal static ulong NumberOf(TrunkSettings trunk, TrunkAccount account) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{trunk.LinesOf}/{account.User}")));

    /// <summary>One server of the carrier, until it is silent.</summary>
    /// <returns>How long to wait before the next one is looked for.</returns>
    private async Task<TimeSpan> RegisterOnceAsync()
    {
        NextHops found = await _flows.FindAsync(Trunk);
        if (found.Hops.Count == 0)
            return Failed(0, found.Fault ?? "No server");
        _hops = found.Hops;
        if (Patience(found.Hops) is { } patience)
            return patience;
        _hop = found.Hops.First(hop => !_patience.ContainsKey(hop));
        (EdgeFlow? flow, string? fault) = await _flows.OpenAsync(Trunk, _hop);
        if (flow is null)
            return Failed(0, fault ?? "No way to the server");
        if (_stopped.Task.IsCompleted)
            return TimeSpan.Zero;
        TaskCompletionSource<TimeSpan> broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        (_by, _broken) = (flow, broken);
        RegistrationClient client = new(_tenant.Agents, OptionsFor(flow));
        client.Changed += _ => Changed(client, flow, broken);
        _client = client;
        await client.RegisterAsync();
        await _tenant.Scheduler.FirstOf(broken.Task, _stopped.Task);
        (_by, _broken) = (null, null);
        if (!broken.Task.IsCompletedSuccessfully)
            return TimeSpan.Zero;
        client.Stop();
        return await broken.Task;
    }

    /// <summary>How long every one of the servers wants to be left in peace (RFC 3261 §20.33, I28); null where one may be asked now.</summary>
    private TimeSpan? Patience(IReadOnlyList<NextHop> hops)
    {
        foreach ((NextHop hop, DateTime until) in _patience)
            if (until <= Now)
                _patience.Remove(hop);
        return hops.All(_patience.ContainsKey) ? hops.Min(hop => _patience[hop]) - Now : null;
    }

    private RegistrationOptions OptionsFor(EdgeFlow flow)
    {
        TrunkProfile profile = Trunk.Profile;
        SipUri address = new(SipScheme.Sip, Account.User, Trunk.Server.Host);
        return new RegistrationOptions
        {
            // §10.2, I9: the domain alone. Some carriers want their parameters there, too.
            Registrar = CarrierInvite.WithParameters(new SipUri(SipScheme.Sip, null, Trunk.Server.Host, Trunk.Server.Port), profile.RequestUriParameters),
            AddressOfRecord = new NameAddress(profile.ParametersInFromAndTo ? CarrierInvite.WithParameters(address, profile.RequestUriParameters) : address),
            Contact = flow.ContactFor(new ContactToken(_tenant.Tenant.Value, Number, ContactToken.LineLeg), secure: false),
            Flow = () => flow,
            Authentication = Credentials.Client,
            Expires = TimeSpan.FromSeconds(Trunk.RegistrationSeconds),
            RetryAfter = s_firstPause,
            FreshCallIds = profile.FreshCallIdPerRegister,
            RemovesFormerAddresses = true,                        // an edge that is gone had another address, perhaps
        };
    }

    private void Changed(RegistrationClient client, EdgeFlow flow, TaskCompletionSource<TimeSpan> broken)
    {
        if (!ReferenceEquals(client, _client))
            return;
        RegistrationState state = client.State;
        if (state.StatusCode is >= 200 and < 300 && state.IsRegistered)
        {
            _failures = 0;
            _worker.Down.Clear(_hop);
            if (!IsRegistered)
                LogRegistered(_tenant.Tenant.ToString(), Trunk.Name, Account.User);
            Status = Status with { RegisteredSince = Status.RegisteredSince ?? Now, ExpiresAt = state.ExpiresAt?.UtcDateTime };
            return;
        }
        bool wasRegistered = IsRegistered;
        TimeSpan pause = Failed(state.StatusCode, state.ReasonPhrase, state.IsRegistered);
        if (state.StatusCode is 401 or 403 or 407)
            Credentials.ForgetRealm();
        if (!CarrierAnswer.IsServerFailure(state.StatusCode))
            return;                                               // the server is there and says no: the client asks it again by itself
        if (state.StatusCode == 430)
            _flows.Gone(flow);
        else
            _worker.Down.Mark(_hop, state.RetryAfter);
        if (state.RetryAfter is { } patience)
            _patience[_hop] = Now + patience;
        bool another = _hops.Any(hop => !_worker.Down.IsDown(hop));
        // A connection that broke is opened again at once; a server that is silent has others beside it, perhaps.
        broken.TrySetResult((wasRegistered || another) && _failures <= Math.Max(1, _hops.Count) ? TimeSpan.FromSeconds(1) : pause);
    }

    private TimeSpan Failed(int status, string reason, bool isRegistered = false)
    {
        Status = new LineStatus
        {
            RegisteredSince = isRegistered ? Status.RegisteredSince : null,
            ExpiresAt = isRegistered ? Status.ExpiresAt : null,
            FailureStatus = status,
            FailureReason = reason,
            FailedAt = Now,
        };
        LogFailed(_tenant.Tenant.ToString(), Trunk.Name, Account.User, status, reason);
        TimeSpan pause = s_firstPause * Math.Min(LongestPauseFactor, 1 << Math.Min(_failures, 10));
        _failures++;
        return pause;
    }

    private DateTime Now => _worker.Time.GetUtcNow().UtcDateTime;

    [LoggerMessage(LogLevel.Information, "Tenant {TenantId}: line {Account} of trunk {Trunk} is registered")]
    private partial void LogRegistered(string tenantId, string trunk, string account);

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId}: line {Account} of trunk {Trunk} is not registered: {Status} {Reason}")]
    private partial void LogFailed(string tenantId, string trunk, string account, int status, string reason);
}
