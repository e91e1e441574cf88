using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Data.Tenants;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;
using CloudPbx.State.Presence;

namespace CloudPbx.CallControl.Presence;

/// <summary>
/// Who watches which extension of a tenant by SUBSCRIBE, with the <c>dialog</c> event package (RFC 6665, RFC 4235): the busy lamp keys of desk phones. Any phone of the tenant may
/// watch any extension of it. What they are told is looked up in the calls whenever one changes, and told where it is otherwise than before: nothing is kept that could get stuck.
/// </summary>
/// <remarks>Used on the tenant's thread; <see cref="Count"/> may be read from anywhere.</remarks>
internal sealed partial class BusyLamps
{
    /// <summary>How this house serves the package (RFC 4235 §3): an hour by default (§3.4), one NOTIFY a second at most (§3.10).</summary>
    public static readonly SubscriptionTerms Terms = new() { Package = "dialog", ContentType = DialogInfo.ContentType };

    private static readonly IReadOnlyList<SubscriptionTerms> s_packages = [Terms];
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_later = TimeSpan.FromHours(1);

    // After a takeover the phones are told anew, but not thousands of them in one moment.
    private const int LongestSpread = 2000;                       // milliseconds

    private readonly TenantRuntime _tenant;
    private readonly WorkerServices _worker;
    private readonly ILogger<BusyLamps> _logger;
    private readonly LampWriter _writer;
    private readonly Dictionary<ulong, BusyLamp> _lamps = [];
    private readonly Dictionary<DeviceId, List<BusyLamp>> _ofDevices = [];
    private readonly Dictionary<string, Watched> _watched = new(StringComparer.Ordinal);
    private bool _gathering;

    public BusyLamps(TenantRuntime tenant, WorkerServices worker)
    {
        _tenant = tenant;
        _worker = worker;
        _logger = worker.Loggers.CreateLogger<BusyLamps>();
        _writer = new LampWriter(tenant, worker, () => _lamps.Values);
    }

    /// <summary>Number of subscriptions.</summary>
    public int Count => _lamps.Count;

    /// <summary>Answers a SUBSCRIBE outside a dialog: only for a phone of the tenant (SECURITY.md S7).</summary>
    public void Answer(ServerTransaction transaction)
    {
        TenantConfiguration configuration = _tenant.Configuration;
        if (_tenant.Authenticator.Authenticate(transaction, configuration) is not { } device)
            return;
        SipRequest request = transaction.Request;
        if (_tenant.IsEnding)
        {
            _tenant.RespondLater(transaction);
            return;
        }
        if (configuration.IsSuspended)
        {
            _tenant.Respond(transaction, 403, "Suspended");
            return;
        }
        if (_tenant.Agents.Judge(transaction, s_packages) is not { } wish)
            return;
        EdgeFlow flow = (EdgeFlow)transaction.Flow;
        string extension = Router.DialledString(request.RequestUri);
        if (!OwnHosts.Include(configuration, request.RequestUri.Host, request, flow) || !configuration.Extensions.ContainsKey(extension))
            _tenant.Respond(transaction, 404);
        else if (wish.Event.Has("call-id"))
            _tenant.Respond(transaction, 403, "Only Whole Extensions Are Shown");        // RFC 4235 §3.2: one dialog alone
        else if (HasRoomFor(wish, device, extension, transaction, out BusyLamp? former))
        {
            Begin(transaction, wish, device, extension, flow);
            former?.Subscription.End(SubscriptionEnd.Probation, s_later);       // not "deactivated": whoever has two of one key would take turns with himself
        }
    }

    /// <summary>Something changed in the calls: those who watch are told where it concerns them.</summary>
    public void Changed()
    {
        if (_gathering || _lamps.Count == 0)
            return;
        _gathering = true;
        _tenant.Timers.Schedule(s_gather, static lamps => ((BusyLamps)lamps!).Tell(), this);
    }

    /// <summary>Goes on with the subscriptions of an earlier owner. The calls must have been restored before.</summary>
    public void Restore(IReadOnlyList<StoredSubscription> stored)
    {
        DateTime now = _worker.Time.GetUtcNow().UtcDateTime;
        foreach (StoredSubscription one in stored)
        {
            if (LampSnapshot.TryRead(one.Content.Span) is not { } snapshot || snapshot.Subscription.ExpiresAt <= now || !TryRestore(one.Number, snapshot))
                _writer.Removed(one.Number);
        }
        Changed();
        foreach (BusyLamp lamp in _lamps.Values)
        {
            TimeSpan wait = 2 * s_gather + TimeSpan.FromMilliseconds(_worker.Tokens.Next(Math.Min(LongestSpread, 1 + _lamps.Count)));
            _tenant.Timers.Schedule(wait, static subscription => ((Subscription)subscription!).Notify(), lamp.Subscription);
        }
    }

    /// <summary>Ends what the configuration does not have any more.</summary>
    public void Prune(TenantConfiguration configuration)
    {
        if (_lamps.Count == 0)
            return;
        HashSet<DeviceId> devices = [.. configuration.Devices.Select(device => device.Id)];
        foreach (BusyLamp lamp in _lamps.Values.ToArray())
        {
            if (configuration.IsSuspended)
                lamp.Subscription.End(SubscriptionEnd.Probation, s_later);
            else if (!configuration.Extensions.ContainsKey(lamp.Extension))
                lamp.Subscription.End(SubscriptionEnd.NoResource);
            else if (!devices.Contains(lamp.Device))
                lamp.Subscription.End(SubscriptionEnd.Rejected);
        }
    }

    /// <summary>A phone registered from a flow: its lamps on other flows follow it there (I70).</summary>
    public void Follow(DeviceId device, Binding binding, EdgeFlow flow)
    {
        if (!_ofDevices.TryGetValue(device, out List<BusyLamp>? lamps))
            return;
        foreach (BusyLamp lamp in lamps.ToArray())
            if (!lamp.Flow.IsSame(flow) && IsSamePhone(lamp, binding))
                lamp.MoveTo(flow, binding);
    }

    /// <summary>Ends all: the tenant is no more.</summary>
    public void EndAll()
    {
        foreach (BusyLamp lamp in _lamps.Values.ToArray())
            lamp.Subscription.End(SubscriptionEnd.NoResource);
    }

    /// <summary>Has the next owner find all subscriptions as they are. Completes when the store has them, or is away.</summary>
    public Task FlushAsync() => _writer.FlushAsync();

    /// <summary>Writes all once more: the store is back, perhaps without its data.</summary>
    public void Reseed()
    {
        if (_lamps.Count > 0)
            _writer.Reseed();
    }

    /// <summary>Forgets all without a word to anybody: the tenant lives elsewhere now.</summary>
    public void Abandon()
    {
        BusyLamp[] lamps = [.. _lamps.Values];
        _lamps.Clear();
        _ofDevices.Clear();
        _watched.Clear();
        foreach (BusyLamp lamp in lamps)
            lamp.Subscription.Abandon();
    }

    private void Begin(ServerTransaction transaction, SubscriptionWish wish, ConfiguredDevice device, string extension, EdgeFlow flow)
    {
        SipRequest request = transaction.Request;
        bool secure = request.RequestUri.Scheme == SipScheme.Sips || request.Contacts is [{ Uri.Scheme: SipScheme.Sips }, ..];
        ulong number = ((ulong)_worker.Tokens.Next(int.MaxValue) << 31) | (uint)_worker.Tokens.Next(int.MaxValue);
        SipUri entity = new(request.RequestUri.Scheme == SipScheme.Sips ? SipScheme.Sips : SipScheme.Sip, extension, request.RequestUri.Host);
        BusyLamp lamp = new(number, device.Id, extension, entity, flow, _tenant.Registrar.FindBy(device, flow));
        Watch(lamp);
        LookAgain(extension, isFirst: _watched[extension].Lamps.Count == 1);
        NameAddress contact = flow.ContactFor(new ContactToken(_tenant.Tenant.Value, number, ContactToken.SubscriptionLeg), secure);
        lamp.Subscription = _tenant.Agents.Accept(transaction, wish, contact, version => Describe(lamp, version));
        if (lamp.Subscription.IsEnded)
        {
            Unwatch(lamp);                                        // it asked for the present state only
        }
        else
        {
            Keep(lamp);
            _writer.Changed(lamp);
        }
    }

    private bool TryRestore(string key, LampSnapshot snapshot)
    {
        if (!ulong.TryParse(key, System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture, out ulong number)
            || !SipUri.TryParse(snapshot.Entity, out SipUri? entity) || EdgeFlow.Restore(_tenant.Edges, _tenant.Tenant, snapshot.FlowToken) is not { } flow)
            return false;
        BusyLamp lamp = new(number, snapshot.Device, snapshot.Extension, entity, flow, snapshot.Binding);
        try
        {
            lamp.Subscription = _tenant.Agents.Restore(snapshot.Subscription.AfterLoss(), flow, Terms, version => Describe(lamp, version));
        }
        catch (ArgumentException e)
        {
            LogNotRestored(_tenant.Tenant.ToString(), e);
            return false;
        }
        Watch(lamp);
        Keep(lamp);
        return true;
    }

    private void Keep(BusyLamp lamp)
    {
        _lamps.Add(lamp.Number, lamp);
        if (!_ofDevices.TryGetValue(lamp.Device, out List<BusyLamp>? lamps))
            _ofDevices.Add(lamp.Device, lamps = []);
        lamps.Add(lamp);
        Subscription subscription = lamp.Subscription;
        subscription.Admit = transaction => IsAdmitted(lamp, transaction);
        subscription.FindFlow = () => FindFlow(lamp);
        subscription.Refreshing = () => LookAgain(lamp.Extension);
        subscription.Changed += _ => _writer.Changed(lamp);
        subscription.Ended += _ => Drop(lamp);
        subscription.Answered += (_, status) => _worker.Metrics.NotifyAnswered(status);
    }

    private void Drop(BusyLamp lamp)
    {
        if (!_lamps.Remove(lamp.Number))
            return;
        if (_ofDevices.TryGetValue(lamp.Device, out List<BusyLamp>? lamps) && lamps.Remove(lamp) && lamps.Count == 0)
            _ofDevices.Remove(lamp.Device);
        _writer.Removed(lamp.Key);
        Unwatch(lamp);
    }

    /// <summary>
    /// Whether one more subscription is taken. A phone that was switched off left its former ones behind; where its new ones would be too many, the one of the same key makes place.
    /// </summary>
    private bool HasRoomFor(SubscriptionWish wish, ConfiguredDevice device, string extension, ServerTransaction transaction, out BusyLamp? former)
    {
        former = null;
        if (wish.Granted == TimeSpan.Zero)
            return true;                                          // it stays for no longer than its NOTIFY
        if (_ofDevices.TryGetValue(device.Id, out List<BusyLamp>? lamps) && lamps.Count >= _worker.Options.MaximumSubscriptionsOfDevice)
        {
            former = lamps.Find(lamp => lamp.Extension == extension);
            if (former is null)
            {
                _tenant.Respond(transaction, 403, "Too Many Subscriptions Of This Device");
                return false;
            }
        }
        if (_lamps.Count < _worker.Options.MaximumSubscriptions || former is not null)
            return true;
        _tenant.Respond(transaction, 503, "Too Many Subscriptions", (SipHeaderName.RetryAfter, RetryAfter.For(transaction.Request)));
        return false;
    }

    /// <summary>SECURITY.md S11, as for calls: a request in the dialog is believed by its own flow; from elsewhere the phone has to prove that it is the same device, and the lamp follows it.</summary>
    private bool IsAdmitted(BusyLamp lamp, ServerTransaction transaction)
    {
        if (lamp.Flow.IsSame(transaction.Flow))
            return true;
        if (transaction.Flow is not EdgeFlow flow || _tenant.Authenticator.Authenticate(transaction, _tenant.Configuration) is not { } device)
            return false;
        if (device.Id != lamp.Device)
        {
            _tenant.Respond(transaction, 403);
            return false;
        }
        lamp.MoveTo(flow, _tenant.Registrar.FindBy(device, flow));
        return true;
    }

    /// <summary>The edge said that the phone's connection is gone: it may have registered by another one already.</summary>
    private EdgeFlow? FindFlow(BusyLamp lamp)
    {
        _tenant.Registrar.FlowGone(lamp.Flow.Text);
        Binding? binding = _tenant.Registrar.All().FirstOrDefault(binding => binding.DeviceId == lamp.Device && IsSamePhone(lamp, binding));
        if (binding is null || EdgeFlow.Restore(_tenant.Edges, _tenant.Tenant, binding.FlowToken) is not { } flow || lamp.Flow.IsSame(flow))
            return null;
        lamp.MoveTo(flow, binding);
        return null;                                              // it has been told
    }

    // A phone that subscribed without being registered, and is gone, is the account's only one, or nobody knows.
    private bool IsSamePhone(BusyLamp lamp, Binding now) => lamp.Binding is { } known
        ? CallBook.IsSamePhone(known, now)
        : lamp.Subscription.IsLost && _tenant.Registrar.All().Count(binding => binding.DeviceId == lamp.Device) == 1;

    private void Watch(BusyLamp lamp)
    {
        if (!_watched.TryGetValue(lamp.Extension, out Watched? watched))
            _watched.Add(lamp.Extension, watched = new Watched(lamp.Extension));
        watched.Lamps.Add(lamp);
    }

    private void Unwatch(BusyLamp lamp)
    {
        if (_watched.TryGetValue(lamp.Extension, out Watched? watched) && watched.Lamps.Remove(lamp) && watched.Lamps.Count == 0)
            _watched.Remove(lamp.Extension);
    }

    // Whoever asks is told what is, whatever was thought; the others hear of a difference, too.
    private void LookAgain(string extension, bool isFirst = false)
    {
        if (!_watched.TryGetValue(extension, out Watched? watched) || !watched.Take(Look(number => number == extension).GetValueOrDefault(extension)))
            return;
        watched.IsNews = !isFirst;
        Changed();
    }

    private void Tell()
    {
        _gathering = false;
        Dictionary<string, List<PhoneDialog>> now = Look(_watched.ContainsKey);
        foreach (Watched watched in _watched.Values.ToArray())
        {
            if (!watched.Take(now.GetValueOrDefault(watched.Extension)) && !watched.IsNews)
                continue;
            watched.IsNews = false;
            foreach (BusyLamp lamp in watched.Lamps.ToArray())
                lamp.Subscription.Notify();
        }
    }

    private Dictionary<string, List<PhoneDialog>> Look(Predicate<string> extensions)
    {
        Dictionary<string, List<PhoneDialog>> found = new(StringComparer.Ordinal);
        foreach (Call call in _tenant.Calls.All)
            foreach (PhoneDialog dialog in call.Dialogs(extensions))
            {
                if (!found.TryGetValue(dialog.Extension, out List<PhoneDialog>? dialogs))
                    found.Add(dialog.Extension, dialogs = []);
                dialogs.Add(dialog);
            }
        foreach (List<PhoneDialog> dialogs in found.Values)
            dialogs.Sort(static (one, other) => other.State.CompareTo(one.State));       // phones that read the first alone see that it is busy
        return found;
    }

    private MessageBody? Describe(BusyLamp lamp, uint version)
    {
        string name = _tenant.Configuration.Extensions.TryGetValue(lamp.Extension, out ConfiguredExtension? extension) ? extension.DisplayName : "";
        Watched? watched = extension is null ? null : _watched.GetValueOrDefault(lamp.Extension);
        return DialogInfo.Write(lamp.Entity, name, version, watched?.Dialogs ?? [], watched?.LastId ?? lamp.Extension, !lamp.Flow.IsReliable);
    }

    /// <summary>An extension that somebody watches.</summary>
    private sealed class Watched(string extension)
    {
        public string Extension { get; } = extension;

        public List<BusyLamp> Lamps { get; } = [];

        public IReadOnlyList<PhoneDialog> Dialogs { get; private set; } = [];

        /// <summary>The name of a dialog that was told of; where it is idle that is the one that is over.</summary>
        public string LastId { get; private set; } = extension;

        /// <summary>Whether somebody has not been told of the present state.</summary>
        public bool IsNews { get; set; }

        /// <summary>Takes what its phones do now.</summary>
        /// <returns>Whether that is otherwise than before.</returns>
        public bool Take(List<PhoneDialog>? now)
        {
            now ??= [];
            if (now.SequenceEqual(Dialogs))
                return false;
            Dialogs = now;
            IsNews = true;
            if (now.Count > 0)
                LastId = now[0].Id;
            return true;
        }
    }

    [LoggerMessage(LogLevel.Error, "A subscription of tenant {TenantId} cannot go on here")]
    private partial void LogNotRestored(string tenantId, Exception exception);
}
