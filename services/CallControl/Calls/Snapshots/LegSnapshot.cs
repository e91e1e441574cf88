using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Calls.Snapshots;

/// <summary>One party of a call: the way to its phone, and its dialog. Its media leg has the call's name and the leg's number.</summary>
internal sealed record LegSnapshot
{
    /// <summary>The leg's number in its call.</summary>
    public required int Number { get; init; }

    /// <summary>Which side of the call it is.</summary>
    public required CallParty Party { get; init; }

    /// <summary>The phone's device.</summary>
    public required DeviceId DeviceId { get; init; }

    /// <summary>The device's extension.</summary>
    public required string Extension { get; init; }

    /// <summary>Whether the device's media is encrypted.</summary>
    public required SrtpPolicy Encryption { get; init; }

    /// <summary>The edge's token of the phone's flow.</summary>
    public required string FlowToken { get; init; }

    /// <summary>The binding that the phone was found by.</summary>
    public Binding? Binding { get; init; }

    /// <summary>The trunk of a carrier's leg; absent for a phone's.</summary>
    public TrunkId? Trunk { get; init; }

    /// <summary>The account that the leg uses at the carrier.</summary>
    public string? Account { get; init; }

    /// <summary>The number of ours that the carrier was shown.</summary>
    public string? ShownNumber { get; init; }

    /// <summary>Whether the media node has the leg.</summary>
    public bool HasMedia { get; init; }

    /// <summary>What another media node would need to go on with it, sealed by the tenant's key; absent while nothing is agreed on.</summary>
    public byte[]? MediaState { get; init; }

    /// <summary>Whether the phone is offered SRTP.</summary>
    public bool OffersSrtp { get; init; }

    /// <summary>What the leg's signalling agrees to.</summary>
    public LegTerms Terms { get; init; } = LegTerms.Default;

    /// <summary>The extensions that sent the call on to this one, first one first; absent for none.</summary>
    public IReadOnlyList<string>? ForwardedBy { get; init; }

    /// <summary>Why each of them did.</summary>
    public IReadOnlyList<ForwardReason>? ForwardReasons { get; init; }

    /// <summary>The only codecs that the phone may speak; absent: all of ours.</summary>
    public IReadOnlyList<string>? Codecs { get; init; }

    /// <summary>The extension that answers for a call to the outside; absent for every other leg.</summary>
    public string? Payer { get; init; }

    /// <summary>The number outside that it called, as it was dialled, before any rule rewrote it.</summary>
    public string? OutsideNumber { get; init; }

    /// <summary>Whether it is an emergency call.</summary>
    public bool IsEmergency { get; init; }

    /// <summary>When the other side answered, UTC.</summary>
    public DateTime? OutsideAnsweredAt { get; init; }

    /// <summary>Whether the phone has put the other party on hold.</summary>
    public bool HoldsByPhone { get; init; }

    /// <summary>Whether a program has the party hold the other one.</summary>
    public bool HoldsByProgram { get; init; }

    /// <summary>Whether a program has muted the party.</summary>
    public bool IsMuted { get; init; }

    /// <summary>What the party hears instead of the other one; absent where it hears that one.</summary>
    public string? Hears { get; init; }

    /// <summary>Whether fax or video was agreed on with the party.</summary>
    public bool PassesMore { get; init; }

    /// <summary>The dialog, once there is one.</summary>
    public InviteDialogState? Dialog { get; init; }
}
