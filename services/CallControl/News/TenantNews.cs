using System.Text.Json;
using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.News;

/// <summary>What of a tenant's life goes into its event log: calls, limits that act, phones that come and go. However often something happens, what is told of it is bounded.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class TenantNews(TenantRuntime tenant, WorkerServices worker)
{
    private const int RegistrationsAtOnce = 200;
    private const int RegistrationsPerSecond = 20;
    private const int MostLimits = 1000;

    private static readonly TimeSpan s_gather = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_limitAgain = TimeSpan.FromHours(1);

    // What a call is refused for and somebody pays attention to, besides all rules that begin with "limit-".
    private static readonly HashSet<string> s_barred = ["premium-number", "country-unknown", "country-not-allowed", "country-not-home", "forward-abroad", "no-rate"];

    private readonly Dictionary<(string Rule, string Extension), DateTime> _limits = [];
    private readonly Dictionary<DeviceId, Binding> _registered = [];
    private readonly HashSet<DeviceId> _changed = [];
    private int _room = RegistrationsAtOnce;
    private DateTime _roomAt;
    private bool _gathering;

    private DateTime Now => worker.Time.GetUtcNow().UtcDateTime;

    /// <summary>A call began.</summary>
    public void Started(Call call) => worker.Events.CallChanged(call.Record.ToFact(Now));

    /// <summary>A call was answered.</summary>
    public void Answered(Call call) => worker.Events.CallChanged(call.Record.ToFact(Now));

    /// <summary>Nobody came in the place of a party that was to be transferred: whoever asked for it got no other word than that it began.</summary>
    /// <param name="call">The call, which goes on as it was.</param>
    /// <param name="leaving">Who was to make place.</param>
    /// <param name="number">For whom.</param>
    /// <param name="status">Why: a SIP status.</param>
    public void TransferFailed(Call call, CallParty leaving, string number, int status) =>
        Tell(EventTypes.CallTransferFailed, call.Id.ToString(), Now, new { callId = call.Id, leaving, number, status });

    /// <summary>Somebody calls for help (SECURITY.md S36): told as it begins and as it ends, each time, whatever was told before.</summary>
    /// <param name="call">The call.</param>
    /// <param name="extension">Whose phone asked for it.</param>
    /// <param name="number">What is called outside.</param>
    /// <param name="state"><c>calling</c>, <c>answered</c>, <c>failed</c> or <c>cancelled</c>.</param>
    /// <param name="trunk">By which trunk somebody answered.</param>
    /// <param name="status">Why nobody did: a SIP status; 0 where there is none to tell.</param>
    public void CallsForHelp(Call call, string extension, string number, string state, string? trunk, int status)
    {
        CallLeg? phone = call.Legs.FirstOrDefault(leg => leg.Carrier is null && leg.Extension == extension);
        ConfiguredDevice? device = phone is null ? null : tenant.Configuration.Devices.FirstOrDefault(known => known.Id == phone.DeviceId);
        Tell(EventTypes.CallEmergency, call.Id.ToString(), Now, new
        {
            callId = call.Id, state, extension, name = tenant.Configuration.Extensions.GetValueOrDefault(extension)?.DisplayName, deviceId = device?.Id, device = device?.Name,
            remoteAddress = phone?.Flow.Remote.Address.ToString(), dialled = call.Record.CalledNumber, number, trunk, status = status == 0 ? (int?)null : status,
        });
    }

    /// <summary>Looks whether a limit refuses what was decided, and tells it.</summary>
    /// <param name="plan">The decision.</param>
    /// <param name="extension">Whose call it is.</param>
    /// <returns><paramref name="plan"/>.</returns>
    public RoutePlan Watch(RoutePlan plan, string extension)
    {
        if (plan is { Target: RouteTarget.Refused, Steps: [.., { } last] } && (last.Rule.StartsWith("limit-", StringComparison.Ordinal) || s_barred.Contains(last.Rule)))
            LimitReached(last.Rule, last.Value, extension, "refused");
        return plan;
    }

    /// <summary>A limit acted; told once an hour for each limit and extension.</summary>
    /// <param name="rule">The limit, by the name of its step in a routing decision.</param>
    /// <param name="value">What it is set to, or what it is about.</param>
    /// <param name="extension">Whose call it acted on.</param>
    /// <param name="action">What was done: <c>refused</c> or <c>ended</c>.</param>
    public void LimitReached(string rule, string value, string extension, string action)
    {
        DateTime now = Now;
        if (_limits.Count >= MostLimits)
            _limits.Clear();                                      // strangers write extensions: never more than this is kept
        if (_limits.TryGetValue((rule, extension), out DateTime told) && now - told < s_limitAgain)
            return;
        _limits[(rule, extension)] = now;
        Tell(EventTypes.LimitReached, rule, now, new { limit = rule, value, extension, action });
    }

    /// <summary>These phones were here already: an earlier owner told it.</summary>
    public void Restore(IEnumerable<Binding> bindings)
    {
        foreach (Binding binding in bindings)
            _registered[binding.DeviceId] = binding;
    }

    /// <summary>A device registered, or did so again: of that there is nothing to tell, and most of what a registrar does is that.</summary>
    public void Saved(Binding binding)
    {
        if (_registered.ContainsKey(binding.DeviceId) && !_changed.Contains(binding.DeviceId))
            _registered[binding.DeviceId] = binding;
        else
            Changed(binding);
    }

    /// <summary>A device's registrations came or went.</summary>
    public void Changed(Binding binding)
    {
        _changed.Add(binding.DeviceId);
        Gather();
    }

    private void Gather()
    {
        if (_gathering)
            return;
        _gathering = true;
        tenant.Timers.Schedule(s_gather, static news => ((TenantNews)news!).TellRegistrations(), this);
    }

    private void TellRegistrations()
    {
        _gathering = false;
        Refill();
        Dictionary<DeviceId, Binding> present = [];
        foreach (Binding binding in tenant.Registrar.All())
            present[binding.DeviceId] = binding;
        foreach (DeviceId device in _changed.ToArray())
        {
            bool was = _registered.TryGetValue(device, out Binding? before), isNow = present.TryGetValue(device, out Binding? now);
            if (was != isNow)
            {
                if (_room == 0)
                    continue;                                     // told when there is room, if it is still so
                _room--;
                Tell(isNow ? EventTypes.DeviceRegistered : EventTypes.DeviceUnregistered, device.ToString(), Now, Describe(now ?? before!));
            }
            if (isNow)
                _registered[device] = now!;
            else
                _registered.Remove(device);
            _changed.Remove(device);
        }
        if (_changed.Count > 0)
            Gather();
    }

    private void Refill()
    {
        DateTime now = Now;
        double seconds = Math.Clamp((now - _roomAt).TotalSeconds, 0, RegistrationsAtOnce);
        _room = Math.Min(RegistrationsAtOnce, _room + (int)(seconds * RegistrationsPerSecond));
        _roomAt = now;
    }

    private object Describe(Binding binding) => new
    {
        binding.DeviceId, Device = tenant.Configuration.DevicesByAuthUser.GetValueOrDefault(binding.AuthUser)?.Name, binding.AuthUser, binding.Extension, binding.Transport, binding.RemoteAddress, binding.UserAgent,
    };

    private void Tell(string type, string subject, DateTime at, object data) => worker.Events.Happened(new TenantEvent
    {
        TenantId = tenant.Tenant, Id = Guid.CreateVersion7(), Type = type, At = at, Subject = subject, Data = JsonSerializer.Serialize(data, JsonSerializerOptions.Web),
    });
}
