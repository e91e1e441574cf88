using System.Globalization;
using System.Net;
using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Data.Tenants;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;
using CloudPbx.State;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Registrar;

/// <summary>Answers REGISTER (RFC 3261 §10.3) around the pure <see cref="BindingTable"/>: authentication, the copy in Redis, expiry.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed partial class TenantRegistrar
{
    private const int MaximumUserAgentLength = 200;
    private const int LongestLatency = 10_000;                    // milliseconds: beyond that it was no answer at once

    private readonly TenantRuntime _tenant;
    private readonly WorkerServices _worker;
    private readonly ITimers _timers;
    private readonly ILogger<TenantRegistrar> _logger;
    private readonly BindingTable _table = new();
    private TimerHandle _expiry;
    private DateTime? _nextExpiry;
    private bool _copyIsBehind;

    public TenantRegistrar(TenantRuntime tenant, WorkerServices worker, ITimers timers)
    {
        _tenant = tenant;
        _worker = worker;
        _timers = timers;
        _logger = worker.Loggers.CreateLogger<TenantRegistrar>();
    }

    /// <summary>Number of bindings.</summary>
    public int Count => _table.Count;

    private DateTime Now => _worker.Time.GetUtcNow().UtcDateTime;

    /// <summary>Takes bindings over that an earlier owner left in Redis.</summary>
    public void Restore(IEnumerable<Binding> bindings)
    {
        _table.Restore(bindings);
        ScheduleExpiry();
    }

    /// <summary>Where an extension's phones are now, the most preferred first.</summary>
    public IReadOnlyList<Binding> Find(string extension) => _table.Find(extension, Now);

    /// <summary>The binding that a device made by a flow; null where it calls without being registered.</summary>
    public Binding? FindBy(ConfiguredDevice device, EdgeFlow flow) => Find(device.Extension).FirstOrDefault(binding => binding.DeviceId == device.Id && binding.FlowToken == flow.Text);

    /// <summary>All bindings.</summary>
    public IReadOnlyList<Binding> All() => _table.All();

    /// <summary>Whether an account has a binding that came from an address.</summary>
    public bool IsRegisteredFrom(string authUser, IPAddress address) => _table.All().Any(binding =>
        binding.AuthUser == authUser && IPEndPoint.TryParse(binding.RemoteAddress, out IPEndPoint? remote) && remote.Address.Equals(address));

    /// <summary>Whether an account has a binding on this very flow.</summary>
    public bool IsRegisteredOn(string authUser, EdgeFlow flow) => _table.All().Any(binding => binding.AuthUser == authUser && binding.FlowToken == flow.Text);

    /// <summary>Answers a REGISTER.</summary>
    public async Task AnswerAsync(ServerTransaction transaction)
    {
        SipRequest request = transaction.Request;
        // §10.3 step 1 and RFC 4475 §3.3.? unksm2: an address-of-record is a SIP or SIPS URI.
        if (!request.To.Uri.IsSip)
        {
            _tenant.Respond(transaction, 400, "To Is No SIP URI");
            return;
        }
        TenantConfiguration configuration = _tenant.Configuration;
        Judgement judgement = _tenant.Authenticator.Judge(transaction, configuration);
        if (judgement.IsRefusal && await _tenant.LookForNewerAsync())
        {
            configuration = _tenant.Configuration;
            judgement = _tenant.Authenticator.Judge(transaction, configuration);
        }
        if (_tenant.Authenticator.Answer(transaction, configuration, judgement) is not { } device)
            return;
        TimeSpan? answeredAfter = _tenant.Authenticator.AnsweredAfter;
        // Step 4 and SECURITY.md S6: a device registers itself, never another's address-of-record.
        if (request.To.Uri.User is not { } user || (user != device.Extension && user != device.AuthUser))
        {
            LogForeign(device.AuthUser, request.To.Uri.User ?? "");
            _tenant.Respond(transaction, 403);
            return;
        }
        if (RegisterCommand.Read(request, out RegisterCommand? command) is { } fault)
        {
            _tenant.Respond(transaction, 400, fault);
            return;
        }
        EdgeFlow flow = (EdgeFlow)transaction.Flow;
        switch (_table.Apply(command!, Template(request, device, flow, answeredAfter), RulesFor(request, flow), Now))
        {
            case RegisterOutcome.TooBrief:
                _tenant.Respond(transaction, 423, null, (SipHeaderName.MinExpires, _worker.Options.MinimumExpires.ToString(CultureInfo.InvariantCulture)));
                break;
            case RegisterOutcome.OutOfOrder:
                _tenant.Respond(transaction, 500, "CSeq Out Of Order");
                break;
            case RegisterOutcome.TooMany:
                _tenant.Respond(transaction, 403, "Too Many Contacts");
                break;
            case RegisterOutcome.Accepted accepted:
                ScheduleExpiry();
                foreach (Binding saved in accepted.Saved)
                    _worker.Guesses.Registered(flow.Remote.Address, saved.ExpiresAt);
                _tenant.Moved(accepted, device, flow);
                _tenant.Live.Changed(device.Extension);
                foreach (Binding saved in accepted.Saved)
                    _tenant.News.Saved(saved);
                foreach (Binding removed in accepted.Removed)
                    _tenant.News.Changed(removed);
                if (accepted.Saved.Count + accepted.Removed.Count > 0)
                    Copied(await WriteAsync(accepted.Saved, accepted.Removed));
                Accept(transaction, accepted);
                break;
        }
    }

    /// <summary>Remembers whether a phone offered or took SRTP, so that the next call offers that form first.</summary>
    public void Learn(Binding binding, bool srtp)
    {
        if (binding.Srtp != srtp && _table.Change(binding.Extension, binding.Key, now => now with { Srtp = srtp }) is { } changed)
            _ = CopyAsync([changed], []);
    }

    /// <summary>Writes all bindings once more where a write failed: Redis was away and may have come back empty. Called now and then.</summary>
    public void Reseed()
    {
        if (!_copyIsBehind)
            return;
        _copyIsBehind = false;
        _ = CopyAsync(_table.All(), []);
    }

    /// <summary>Writes all bindings once more: Redis is back, perhaps without its data.</summary>
    public void ReseedAll()
    {
        if (_table.Count == 0)
            return;
        _copyIsBehind = true;
        Reseed();
    }

    /// <summary>Has the next owner find all bindings as they are, if the store has answered in its time.</summary>
    public Task HandOverAsync() => CopyAsync(_table.All(), []);

    /// <summary>Drops the bindings of a flow that is gone: the edge said 430.</summary>
    public void FlowGone(string flowToken) => Forget(_table.Remove(binding => binding.FlowToken == flowToken));

    /// <summary>Drops the bindings of devices that are no longer configured, or moved to another extension.</summary>
    public void Prune(TenantConfiguration configuration) => Forget(_table.Remove(binding =>
        !configuration.DevicesByAuthUser.TryGetValue(binding.AuthUser, out ConfiguredDevice? device)
        || device.Id != binding.DeviceId || device.Extension != binding.Extension));

    /// <summary>Whether a UDP phone sits behind NAT: what it calls its own address is not what its packets come from.</summary>
    internal static bool IsBehindNat(SipUri contact, IPEndPoint source) =>
        !IPAddress.TryParse(contact.Host.Trim('[', ']'), out IPAddress? address)
        || !address.Equals(source.Address) || (contact.Port ?? 5060) != source.Port;

    private BindingRules RulesFor(SipRequest request, EdgeFlow flow)
    {
        CallControlOptions options = _worker.Options;
        // No keep-alives come from some phones, and a NAT forgets a UDP mapping soon (GNOME-CALLS.md).
        bool nat = false;
        for (int i = 0; flow.Transport == SipTransport.Udp && i < request.Contacts.Count; i++)
            nat |= IsBehindNat(request.Contacts[i].Uri, flow.Remote);
        int longest = nat ? Math.Min(options.NatExpires, options.MaximumExpires) : options.MaximumExpires;
        return new BindingRules(TimeSpan.FromSeconds(options.MinimumExpires), TimeSpan.FromSeconds(longest), options.MaximumContacts);
    }

    private static Binding Template(SipRequest request, ConfiguredDevice device, EdgeFlow flow, TimeSpan? answeredAfter) => new()
    {
        Extension = device.Extension,
        DeviceId = device.Id,
        AuthUser = device.AuthUser,
        ContactUri = "",
        CallId = "",
        CSeq = 0,
        ExpiresAt = default,
        RegisteredAt = default,
        FlowToken = flow.Text,
        Transport = Flow.TransportName(flow.Transport).ToLowerInvariant(),
        RemoteAddress = flow.Remote.ToString(),
        UserAgent = request.Headers.Get(SipHeaderName.UserAgent) is { } agent ? agent[..Math.Min(agent.Length, MaximumUserAgentLength)] : null,
        LatencyMilliseconds = answeredAfter is { TotalMilliseconds: <= LongestLatency and var latency } ? (int)latency : null,
    };

    private void Accept(ServerTransaction transaction, RegisterOutcome.Accepted accepted)
    {
        SipResponse response = SipResponse.For(transaction.Request, 200, toTag: _worker.Tokens.NewTag());
        DateTime now = Now;
        foreach (Binding binding in accepted.Bindings)
        {
            if (binding.ExpiresAt <= now)
                continue;
            // Own bindings say exactly what was granted, whatever the copy took: a second less makes some phones ask for less each time (I35).
            long seconds = (long)Math.Ceiling((binding.ExpiresAt - (accepted.IsSaved(binding) ? accepted.At : now)).TotalSeconds);
            string contact = string.Create(CultureInfo.InvariantCulture, $"<{binding.ContactUri}>;expires={seconds}");
            if (binding.Q != 1000)
                contact += string.Create(CultureInfo.InvariantCulture, $";q={binding.Q / 1000m:0.###}");
            response.Headers.Add(SipHeaderName.Contact, contact);
        }
        response.Headers.Add(SipHeaderName.Server, ServerName.Value);
        transaction.Respond(response);
    }

    // Redis has its copy before the phone has its 200, unless it is slow or away: the memory here is the authority.
    private Task<StoreOutcome> WriteAsync(IReadOnlyList<Binding> save, IReadOnlyList<Binding> remove)
    {
        string[] keys = remove.Count == 0 ? [] : [.. remove.Select(binding => binding.Key).Except(save.Select(binding => binding.Key))];
        return _worker.Bindings.SaveAsync(_tenant.Tenant, _tenant.Epoch, save, keys);
    }

    private async Task CopyAsync(IReadOnlyList<Binding> save, IReadOnlyList<Binding> remove) => Copied(await WriteAsync(save, remove));

    private void Copied(StoreOutcome outcome)
    {
        if (outcome == StoreOutcome.Done)
            return;
        LogNotCopied(outcome);
        _copyIsBehind = true;
    }

    private void Forget(IReadOnlyList<Binding> removed)
    {
        if (removed.Count == 0)
            return;
        foreach (Binding binding in removed)
        {
            _tenant.Live.Changed(binding.Extension);
            _tenant.News.Changed(binding);
        }
        _ = CopyAsync([], removed);
    }

    private void ScheduleExpiry()
    {
        Forget(_table.Expire(Now, out DateTime? next));
        if (next == _nextExpiry)
            return;
        _nextExpiry = next;
        _expiry.Cancel();
        if (next is { } due)
            _expiry = _timers.Schedule(due - Now, static registrar => ((TenantRegistrar)registrar!).ExpiryDue(), this);
    }

    private void ExpiryDue()
    {
        _nextExpiry = null;                                       // the wheel's clock and the wall's may differ: ask again in any case
        ScheduleExpiry();
    }

    [LoggerMessage(LogLevel.Warning, "Device {AuthUser} tried to register the address of {Other}")]
    private partial void LogForeign(string authUser, string other);

    [LoggerMessage(LogLevel.Warning, "Bindings were not copied to Redis: {Outcome}")]
    private partial void LogNotCopied(StoreOutcome outcome);
}
