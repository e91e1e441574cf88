using System.Globalization;
using CloudPbx.CallControl.Links;
using CloudPbx.Contracts.Ids;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;
using CloudPbx.State.Presence;

namespace CloudPbx.CallControl.Presence;

/// <summary>A phone's key that shows what a colleague's extension does: one subscription.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class BusyLamp
{
    private Subscription? _subscription;

    public BusyLamp(ulong number, DeviceId device, string extension, SipUri entity, EdgeFlow flow, Binding? binding)
    {
        Number = number;
        Device = device;
        Extension = extension;
        Entity = entity;
        Flow = flow;
        Binding = binding;
    }

    /// <summary>Its number in the tenant, which its Contact carries.</summary>
    public ulong Number { get; }

    /// <summary>The same as the store knows it.</summary>
    public string Key => KeyOf(Number);

    /// <summary>The device that watches.</summary>
    public DeviceId Device { get; }

    /// <summary>The extension that is watched.</summary>
    public string Extension { get; }

    /// <summary>The same as the phone asked for it.</summary>
    public SipUri Entity { get; }

    /// <summary>The way to the phone now.</summary>
    public EdgeFlow Flow { get; private set; }

    /// <summary>The phone's binding when it subscribed; null where it was not registered by that flow.</summary>
    public Binding? Binding { get; private set; }

    /// <summary>Its subscription.</summary>
    public Subscription Subscription
    {
        get => _subscription ?? throw new InvalidOperationException("The lamp has no subscription yet.");
        set => _subscription = value;
    }

    /// <summary>The phone proved that it is reached on another flow now.</summary>
    public void MoveTo(EdgeFlow flow, Binding? binding)
    {
        Flow = flow;
        Binding = binding ?? Binding;
        Subscription.MoveTo(flow);
    }

    /// <summary>What the next owner needs of it.</summary>
    public LampSnapshot ToSnapshot() => new()
    {
        Version = LampSnapshot.CurrentVersion,
        Device = Device,
        Extension = Extension,
        Entity = Entity.ToString(),
        FlowToken = Flow.Text,
        Binding = Binding,
        Subscription = Subscription.ToState(),
    };

    /// <summary>The same as it is stored.</summary>
    public StoredSubscription ToStored() => new(Key, Subscription.ExpiresAt, ToSnapshot().ToOctets());

    /// <summary>A number as the store knows it.</summary>
    public static string KeyOf(ulong number) => number.ToString("x", CultureInfo.InvariantCulture);
}
