using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Data.Tenants;
using CloudPbx.Grains;
using CloudPbx.Grains.Live;
using CloudPbx.Net.Timers;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Presence;

/// <summary>
/// What a tenant's extensions and calls do now, told to those who watch. While nobody does, it costs a comparison for each change. What changes
/// within <see cref="s_gather"/> is told at once, and only where it is otherwise than told before.
/// </summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class LiveView(TenantRuntime tenant, WorkerServices worker)
{
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<string, LiveExtension> _extensions = new(StringComparer.Ordinal);
    private readonly Dictionary<CallId, (LiveCall Call, string[] Extensions)> _calls = [];
    private readonly HashSet<string> _changedExtensions = new(StringComparer.Ordinal);
    private readonly HashSet<CallId> _changedCalls = [];
    private DateTime _watchedUntil = DateTime.MinValue;
    private long _sequence;
    private bool _gathering;

    private DateTime Now => worker.Time.GetUtcNow().UtcDateTime;

    private bool IsWatched => _watchedUntil > Now;

    /// <summary>A call began, changed or ended.</summary>
    public void Changed(CallId call)
    {
        tenant.Lamps.Changed();
        if (_watchedUntil == DateTime.MinValue)
            return;
        _changedCalls.Add(call);
        Gather();
    }

    /// <summary>An extension's phones came, left or moved.</summary>
    public void Changed(string extension)
    {
        if (_watchedUntil == DateTime.MinValue)
            return;
        _changedExtensions.Add(extension);
        Gather();
    }

    /// <summary>More may have changed than can be listed, or the tenant lives here only now: whoever watches asks for everything.</summary>
    public void Reset()
    {
        Forget();
        _sequence += 2;                                           // a gap
        Publish(new LiveChange { Epoch = tenant.Epoch, Sequence = _sequence });
    }

    /// <summary>Somebody watches, for a while from now.</summary>
    /// <param name="epoch">The activation that it has heard last.</param>
    /// <param name="sequence">What it has heard last.</param>
    /// <returns>Everything; null where it has heard all of it.</returns>
    public LiveChange? Watch(long epoch, long sequence)
    {
        bool watched = IsWatched;
        if (watched)
            Tell();                                               // others watch too: what is new is told to all, before one is answered
        else
            Forget();
        _watchedUntil = Now + TimeSpan.FromSeconds(ITenantGrain.WatchLeaseSeconds);
        if (watched && epoch == tenant.Epoch && sequence == _sequence)
            return null;
        if (!watched)
            Look();
        return new LiveChange
        {
            Epoch = tenant.Epoch,
            Sequence = _sequence,
            Extensions = [.. _extensions.Values.OrderBy(extension => extension.Number, StringComparer.Ordinal)],
            Calls = [.. _calls.Values.Select(known => known.Call).OrderBy(call => call.StartedAt)],
        };
    }

    private void Look()
    {
        _sequence++;                                              // what changed meanwhile nobody was told
        Dictionary<string, ExtensionState> states = States(null);
        foreach (ConfiguredExtension extension in tenant.Configuration.Extensions.Values)
            _extensions[extension.Number] = Describe(extension, states);
        foreach (Call call in tenant.Calls.All)
            _calls[call.Id] = Describe(call);
    }

    private void Gather()
    {
        if (_gathering)
            return;
        _gathering = true;
        tenant.Timers.Schedule(s_gather, static view => ((LiveView)view!).Tell(), this);
    }

    private void Tell()
    {
        _gathering = false;
        if (!IsWatched)
        {
            Forget();
            return;
        }
        List<LiveCall> calls = [];
        List<CallId> ended = [];
        foreach (CallId id in _changedCalls)
            Compare(id, calls, ended);
        List<LiveExtension> extensions = [];
        Dictionary<string, ExtensionState> states = States(_changedExtensions);
        foreach (string number in _changedExtensions)
            Compare(number, states, extensions);
        _changedCalls.Clear();
        _changedExtensions.Clear();
        if (calls.Count + ended.Count + extensions.Count > 0)
            Publish(new LiveChange { Epoch = tenant.Epoch, Sequence = ++_sequence, Extensions = extensions, Calls = calls, Ended = ended });
    }

    private void Compare(CallId id, List<LiveCall> changed, List<CallId> ended)
    {
        bool known = _calls.TryGetValue(id, out (LiveCall Call, string[] Extensions) before);
        if (known)
            _changedExtensions.UnionWith(before.Extensions);
        if (tenant.Calls.Find(id) is not { } call)
        {
            if (_calls.Remove(id))
                ended.Add(id);
            return;
        }
        (LiveCall Call, string[] Extensions) now = Describe(call);
        _changedExtensions.UnionWith(now.Extensions);
        _calls[id] = now;
        if (!known || now.Call != before.Call)
            changed.Add(now.Call);
    }

    private void Compare(string number, Dictionary<string, ExtensionState> states, List<LiveExtension> changed)
    {
        if (!tenant.Configuration.Extensions.TryGetValue(number, out ConfiguredExtension? extension))
            return;
        LiveExtension now = Describe(extension, states);
        if (_extensions.TryGetValue(number, out LiveExtension? before) && IsSame(before, now))
            return;
        _extensions[number] = now;
        changed.Add(now);
    }

    // Lists do not compare by what they hold.
    private static bool IsSame(LiveExtension one, LiveExtension other) =>
        one.State == other.State && one.Name == other.Name && one.Phones.SequenceEqual(other.Phones);

    /// <summary>What extensions do in calls; all of them, or some.</summary>
    private Dictionary<string, ExtensionState> States(HashSet<string>? of)
    {
        Dictionary<string, ExtensionState> states = new(StringComparer.Ordinal);
        foreach (Call call in tenant.Calls.All)
            foreach (LegActivity leg in call.Activities())
                if ((of is null || of.Contains(leg.Extension)) && leg.State > states.GetValueOrDefault(leg.Extension))
                    states[leg.Extension] = leg.State;
        return states;
    }

    private LiveExtension Describe(ConfiguredExtension extension, Dictionary<string, ExtensionState> states)
    {
        IReadOnlyList<Binding> phones = tenant.Registrar.Find(extension.Number);
        return new LiveExtension
        {
            Number = extension.Number,
            Name = extension.DisplayName,
            State = states.GetValueOrDefault(extension.Number) is var busy and not ExtensionState.Offline ? busy
                : phones.Count > 0 ? ExtensionState.Idle : ExtensionState.Offline,
            Phones = [.. phones.Select(phone => new LivePhone
            {
                DeviceId = phone.DeviceId.Value,
                Transport = phone.Transport,
                RemoteAddress = phone.RemoteAddress,
                UserAgent = phone.UserAgent,
                RegisteredAt = phone.RegisteredAt,
                LatencyMilliseconds = phone.LatencyMilliseconds,
            })],
        };
    }

    private static (LiveCall Call, string[] Extensions) Describe(Call call) =>
        (call.ToLiveCall(), [.. call.Activities().Select(leg => leg.Extension).Distinct()]);

    private void Forget()
    {
        _watchedUntil = DateTime.MinValue;
        _extensions.Clear();
        _calls.Clear();
        _changedCalls.Clear();
        _changedExtensions.Clear();
    }

    private void Publish(LiveChange change) => worker.Live.Publish(tenant.Tenant, change.ToBytes());
}
