using CloudPbx.CallControl.Carriers;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.UserAgents;
using SessionTimerPolicy = CloudPbx.Sip.UserAgents.SessionTimerPolicy;

namespace CloudPbx.CallControl.Calls;

/// <summary>What the signalling of one leg agrees to: a phone's is <see cref="Default"/>, a carrier's is set with its trunk. It ends at the leg (I5).</summary>
internal sealed record LegTerms
{
    /// <summary>What phones get.</summary>
    public static readonly LegTerms Default = new();

    /// <summary>Whether provisional responses are reliable (RFC 3262).</summary>
    public ReliablePolicy Reliable { get; init; }

    /// <summary>Whether that they are not is only what the carrier's calls taught.</summary>
    public bool ReliableIsLearned { get; init; }

    /// <summary>Whether there is a session timer (RFC 4028).</summary>
    public SessionTimerPolicy Timer { get; init; }

    /// <summary>The interval of a session timer that we ask for, in seconds (RFC 4028 §4).</summary>
    public uint SessionInterval { get; init; } = SessionTimer.Recommended;

    /// <summary>Whether our INVITE brings no offer, for a peer that wants to make it itself (RFC 3261 §13.2.1).</summary>
    public bool Offerless { get; init; }

    /// <summary>What a carrier gets.</summary>
    /// <param name="profile">Its trunk's profile.</param>
    /// <param name="learned">What its calls taught of reliable provisional responses; null for nothing.</param>
    public static LegTerms For(TrunkProfile profile, LearnedRel100? learned = null) => new()
    {
        Reliable = profile.Rel100 switch
        {
            Rel100Policy.Auto when learned is not null => ReliablePolicy.Off,
            Rel100Policy.Off => ReliablePolicy.Off,
            Rel100Policy.Supported => ReliablePolicy.Supported,
            Rel100Policy.Required => ReliablePolicy.Required,
            _ => ReliablePolicy.Auto,
        },
        ReliableIsLearned = profile.Rel100 == Rel100Policy.Auto && learned is not null,
        // A timer that we ask for is one where the carrier has none, too (RFC 4028 §7.1): old carriers, which refuse a Require, need none to be watched.
        Timer = profile.SessionTimer switch
        {
            Contracts.Trunks.SessionTimerPolicy.Off => SessionTimerPolicy.Off,
            Contracts.Trunks.SessionTimerPolicy.Required => SessionTimerPolicy.Require,
            _ => SessionTimerPolicy.Ask,
        },
        SessionInterval = (uint)profile.SessionExpiresSeconds,
        Offerless = profile.OfferlessInvite,
    };
}
