using System.Collections.Concurrent;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;

namespace CloudPbx.CallControl.Calls;

/// <summary>Which tenant a media session belongs to: passes what the media node reports to the call that owns the leg.</summary>
/// <remarks>Thread-safe; called on the media client's reader, so it only posts.</remarks>
public sealed class MediaSessions : IMediaEvents
{
    private readonly ConcurrentDictionary<CallId, TenantRuntime> _owners = new();

    /// <summary>Remembers a call's owner.</summary>
    internal void Add(CallId call, TenantRuntime owner) => _owners[call] = owner;

    /// <summary>Forgets a call.</summary>
    internal void Remove(CallId call) => _owners.TryRemove(call, out _);

    /// <inheritdoc/>
    public void DigitReceived(LegId leg, char digit, int durationMs) => Post(leg, call => call.DigitReceived(leg.Leg, digit, milliseconds: durationMs));

    /// <inheritdoc/>
    public void LegSilent(LegId leg) => Post(leg, call => call.LegSilent(leg.Leg));

    /// <inheritdoc/>
    public void PromptEnded(LegId leg, string name, PromptEnd end, char? digit) => Post(leg, call => call.PromptEnded(name));

    /// <inheritdoc/>
    public void SpeakingChanged(LegId leg, bool speaks) => Post(leg, call => call.SpeakingChanged(speaks));

    /// <inheritdoc/>
    public void NodeLost()
    {
        foreach ((CallId call, TenantRuntime owner) in _owners)
            owner.PostTo(call, lost => lost.MediaLost());
    }

    /// <summary>The node of one session is gone, while others live.</summary>
    internal void Lost(CallId call)
    {
        if (_owners.TryGetValue(call, out TenantRuntime? owner))
            owner.PostTo(call, lost => lost.MediaLost());
    }

    /// <summary>The node of a session wants to be rid of it.</summary>
    internal void Leave(CallId call)
    {
        if (_owners.TryGetValue(call, out TenantRuntime? owner))
            owner.PostTo(call, there => there.LeaveNode());
    }

    private void Post(LegId leg, Action<Call> report)
    {
        if (_owners.TryGetValue(leg.Session, out TenantRuntime? owner))
            owner.PostTo(leg.Session, report);
    }
}
