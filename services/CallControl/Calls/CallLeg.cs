using CloudPbx.CallControl.Links;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Calls;

/// <summary>One party of a call: a dialog with its phone, and a media leg.</summary>
internal sealed class CallLeg(CallId call, int number, CallParty party, ConfiguredDevice device, EdgeFlow flow)
{
    /// <summary>The leg's number in its call; the caller's is 0.</summary>
    public int Number => number;

    /// <summary>Which side of the call it is.</summary>
    public CallParty Party => party;

    /// <summary>The media node's name for it.</summary>
    public LegId Media { get; } = new(call, number);

    /// <summary>The phone's device.</summary>
    public ConfiguredDevice Device => device;

    /// <summary>The way to the phone now.</summary>
    public EdgeFlow Flow { get; private set; } = flow;

    /// <summary>The binding that the phone was found by, or that its flow belongs to; null where it called without being registered.</summary>
    public Binding? Binding { get; set; }

    /// <summary>The dialog, once there is one.</summary>
    public InviteDialog? Dialog { get; set; }

    /// <summary>Whether the media node was asked for this leg, so that it has to be told when it ends.</summary>
    public bool HasMedia { get; set; }

    /// <summary>Whether the phone is offered SRTP.</summary>
    public bool OffersSrtp { get; set; }

    /// <summary>What the media leg may agree to with the phone.</summary>
    public LegPolicy Policy => new()
    {
        Srtp = SrtpChoice.PolicyOf(device.Encryption),
        OfferSecureProfile = OffersSrtp,
        PeerSignallingAddress = Flow.Remote.Address,
    };

    /// <summary>The phone proved that it is reached on another flow now.</summary>
    public void MoveTo(EdgeFlow flow)
    {
        Flow = flow;
        if (Dialog is { } dialog)
            dialog.Flow = flow;
    }
}
