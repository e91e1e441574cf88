using System.Buffers.Binary;
using System.Security.Cryptography;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Resolution;

namespace CloudPbx.CallControl.Carriers;

/// <summary>
/// Asks a trunk's carrier by OPTIONS whether it is there (RFC 3261 §11), each of its servers, for as long as the trunk is enabled. Any final response is a sign of
/// life, also a 4xx; 503 and silence are none (I28, I30). A carrier that misses several in a row is down until it answers again.
/// </summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed partial class TrunkPing(TenantRuntime tenant, WorkerServices worker, CarrierFlows flows, TrunkSettings trunk, Func<bool> hasLine, ILogger logger)
{
    /// <summary>OPTIONS that go unanswered before a carrier is called down (I30).</summary>
    public const int MissesUntilDown = 5;

    private const int MostServers = 8;

    // On UDP four retransmissions are over by then; who answers later than that is of no use to a caller.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_pauseAfterMiss = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = logger;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _misses;
    private bool _hasAnswered;

    /// <summary>The trunk, as it was when the asking began.</summary>
    public TrunkSettings Trunk => trunk;

    /// <summary>Where it stands.</summary>
    public PingStatus Status { get; private set; } = new(TrunkReach.Unknown, null, null, null);

    /// <summary>Whether a change of configuration needs no new asking.</summary>
    public bool IsFor(TrunkSettings changed) =>
        trunk.Server == changed.Server && trunk.OutboundProxy == changed.OutboundProxy && trunk.Profile.OptionsIntervalSeconds == changed.Profile.OptionsIntervalSeconds
        && (trunk.Profile.ContactHost, trunk.Profile.VerifyServerName, trunk.Profile.TlsServerName, trunk.Profile.ClientCertificate, trunk.Profile.FromDomain)
            == (changed.Profile.ContactHost, changed.Profile.VerifyServerName, changed.Profile.TlsServerName, changed.Profile.ClientCertificate, changed.Profile.FromDomain);

    /// <summary>Asks until <see cref="Stop"/> or the tenant leaves.</summary>
    public async Task RunAsync()
    {
        while (!_stopped.Task.IsCompleted)
        {
            (int status, string reason, TimeSpan? retryAfter) = await AskAsync();
            if (_stopped.Task.IsCompleted)
                return;
            TimeSpan interval = TimeSpan.FromSeconds(trunk.Profile.OptionsIntervalSeconds);
            TimeSpan pause = Took(status, reason) || Status.Reach == TrunkReach.Down ? interval : s_pauseAfterMiss < interval ? s_pauseAfterMiss : interval;
            if (retryAfter > pause)
                pause = retryAfter.Value;                         // I28
            Task wait = tenant.DelayAsync(pause, out TimerHandle timer);
            await tenant.Scheduler.FirstOf(wait, _stopped.Task);
            timer.Cancel();
        }
    }

    /// <summary>Asks no more.</summary>
    public void Stop() => _stopped.TrySetResult();

    /// <summary>The carrier answered something else, an INVITE for example: it is there.</summary>
    public void Heard()
    {
        if (Status.Reach == TrunkReach.Down)
            Took(200, "");
        else
            _misses = 0;
    }

    /// <summary>Asks all servers of the carrier at once.</summary>
    /// <returns>The answer of one that is there; else the last one's refusal: 0 where there was no way to it, 408 where it said nothing.</returns>
    private async Task<(int Status, string Reason, TimeSpan? RetryAfter)> AskAsync()
    {
        NextHops found = await flows.FindAsync(trunk);
        if (found.Hops.Count == 0)
            return (0, found.Fault ?? "No server", null);
        Task<(int Status, string Reason, TimeSpan? RetryAfter)>[] asked = [.. found.Hops.Take(MostServers).Select(AskAsync)];
        (int Status, string Reason, TimeSpan? RetryAfter)[] answers = [.. await Task.WhenAll(asked)];
        int there = Array.FindIndex(answers, answer => IsAlive(answer.Status));
        return answers[there < 0 ? answers.Length - 1 : there];
    }

    private async Task<(int Status, string Reason, TimeSpan? RetryAfter)> AskAsync(NextHop hop)
    {
        (EdgeFlow? flow, string? fault) = await flows.OpenAsync(trunk, hop);
        if (flow is null)
            return (0, fault ?? "No way to the server", null);
        Task<SipResponse> answer = tenant.Agents.SendAsync(RequestFor(tenant, trunk, flow), flow);
        Task silence = tenant.DelayAsync(s_patience, out TimerHandle timer);
        await tenant.Scheduler.FirstOf(answer, silence);
        timer.Cancel();
        if (!answer.IsCompletedSuccessfully)
        {
            worker.Down.Mark(hop);
            return (408, "No answer", null);
        }
        SipResponse response = await answer;
        if (response.StatusCode == 430)
            flows.Gone(flow);
        TimeSpan? retryAfter = CarrierAnswer.RetryAfterOf(response);
        if (IsAlive(response.StatusCode))
            worker.Down.Clear(hop);
        else if (response.StatusCode != 430)
            worker.Down.Mark(hop, retryAfter);
        return (response.StatusCode, response.ReasonPhrase, retryAfter);
    }

    /// <summary>The OPTIONS that a trunk's carrier gets.</summary>
    public static SipRequest RequestFor(TenantRuntime tenant, TrunkSettings trunk, EdgeFlow flow)
    {
        SipUri server = new(SipScheme.Sip, null, trunk.Server.Host, trunk.Server.Port);
        NameAddress from = new(new SipUri(SipScheme.Sip, null, trunk.Profile.ContactHost ?? flow.Token.AdvertisedHost));
        SipRequest request = tenant.Agents.CreateRequest(SipMethod.Options, server, from, new NameAddress(server));
        request.Headers.Add(SipHeaderName.Contact, flow.ContactFor(new ContactToken(tenant.Tenant.Value, NumberOf(trunk), ContactToken.LineLeg), secure: false).ToString());      // I31
        request.Headers.Add(SipHeaderName.Accept, "application/sdp");
        return request;
    }

    /// <returns>Whether it was a sign of life.</returns>
    private bool Took(int status, string reason)
    {
        DateTime now = worker.Time.GetUtcNow().UtcDateTime;
        bool alive = IsAlive(status);
        _misses = alive ? 0 : _misses + 1;
        _hasAnswered |= alive;
        TrunkReach reach = alive ? TrunkReach.Up : IsDown(status) ? TrunkReach.Down : Status.Reach;
        if (reach != Status.Reach && (reach == TrunkReach.Down || Status.Reach == TrunkReach.Down))
            LogReach(tenant.Tenant.ToString(), trunk.Name, reach, status, reason);
        Status = new PingStatus(reach, reach == Status.Reach ? Status.Since : now, status == 0 ? null : status, reason);
        return alive;
    }

    // A carrier whose line is registered is there, though it may know no OPTIONS: one that never answered any is not called down for it (I30).
    private bool IsDown(int status) => (status == 503 || _misses >= MissesUntilDown) && (_hasAnswered || !hasLine());

    private static bool IsAlive(int status) => status >= 200 && !CarrierAnswer.IsServerFailure(status);

    private static ulong NumberOf(TrunkSettings trunk)
    {
        Span<byte> octets = stackalloc byte[16];
        trunk.Id.Value.TryWriteBytes(octets);
        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(octets));
    }

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId}: the carrier of trunk {Trunk} is {Reach}: {Status} {Reason}")]
    private partial void LogReach(string tenantId, string trunk, TrunkReach reach, int status, string reason);
}

/// <summary>What a carrier's OPTIONS tell.</summary>
/// <param name="Reach">Whether it answers.</param>
/// <param name="Since">Since when it is so, UTC.</param>
/// <param name="LastStatus">Its last status; null where it said nothing.</param>
/// <param name="LastReason">Its own words then, or ours where there was no way to it.</param>
internal sealed record PingStatus(TrunkReach Reach, DateTime? Since, int? LastStatus, string? LastReason);
