using System.Collections.Frozen;
using CloudPbx.Contracts.Api;

namespace CloudPbx.Contracts.Trunks;

/// <summary>The shipped profiles: what is known of carriers that many people have.</summary>
public static class TrunkProfiles
{
    /// <summary>Name of the profile of a trunk that names none.</summary>
    public const string DefaultName = "generic";

    /// <summary>Name of the profile for Teams Direct Routing, which needs a <see cref="TrunkProfile.ContactHost"/>.</summary>
    public const string TeamsName = "teams";

    /// <summary>All of them, the generic one first.</summary>
    public static IReadOnlyList<TrunkProfile> All { get; } =
    [
        new() { Name = DefaultName },
        new()
        {
            // China Mobile: user=phone in INVITE and REGISTER, the called number in P-Called-Party-ID, callers without 100rel refused, 8 kHz alone.
            Name = "ims",
            Rel100 = Rel100Policy.Auto,
            RequestUriParameters = "user=phone",
            FromUser = "{account}",
            PreferredIdentity = "{caller}",
            HistoryInfo = true,
            FreshCallIdPerRegister = true,
            CalledNumberFrom = CalledNumberSource.PCalledPartyId,
            Codecs = ["PCMA", "PCMU"],
            PacketMilliseconds = 20,
        },
        new()
        {
            // The host of Contact must be our certificate's name, or 403; SRTP alone; its 183 carries silence.
            Name = TeamsName,
            Rel100 = Rel100Policy.Off,
            RequestUriParameters = "user=phone",
            AssertedIdentity = "{caller}",
            HistoryInfo = true,
            Diversion = false,
            AcceptTransfers = true,
            OptionsIntervalSeconds = 60,
            Codecs = ["PCMU", "PCMA", "G722"],
            EarlyMedia = EarlyMediaPolicy.Ringback,
            Srtp = SrtpPolicy.Required,
        },
        new()
        {
            // Numbers in E.164; the Request-URI's host stays the termination domain, or 403.
            Name = "twilio",
            Rel100 = Rel100Policy.Off,
            AssertedIdentity = "{caller}",
            Codecs = ["PCMU", "PCMA"],
            Srtp = SrtpPolicy.Optional,
        },
        new()
        {
            // The called number in the Request-URI, whatever account registered.
            Name = "telnyx",
            Rel100 = Rel100Policy.Off,
            AssertedIdentity = "{caller}",
            Codecs = ["PCMU", "PCMA", "G722"],
            Srtp = SrtpPolicy.Optional,
        },
        new()
        {
            // A line of the box is one of its IP phones: From is the account; the box knows no OPTIONS from phones.
            Name = "fritzbox",
            Rel100 = Rel100Policy.Off,
            FromUser = "{account}",
            Diversion = false,
            Privacy = false,
            OptionsKeepAlive = false,
            SessionTimer = SessionTimerPolicy.Off,
            CalledNumberFrom = CalledNumberSource.To,
            Codecs = ["G722", "PCMA", "PCMU"],
        },
        new()
        {
            // Another PBX that trusts us: extensions are shown as they are.
            Name = "peer",
            Rel100 = Rel100Policy.Supported,
            RemotePartyId = "{caller}",
            AssertedIdentity = "{caller}",
            FromUser = "{caller}",
            FromDomain = "{domain}",
            AcceptTransfers = true,
            Codecs = ["PCMA", "PCMU", "G722", "opus"],
            Srtp = SrtpPolicy.Optional,
        },
    ];

    private static readonly FrozenDictionary<string, TrunkProfile> s_byName = All.ToFrozenDictionary(profile => profile.Name, StringComparer.Ordinal);

    /// <summary>Finds a profile.</summary>
    /// <param name="name">Its name; case matters.</param>
    public static TrunkProfile? Find(string name) => s_byName.GetValueOrDefault(name);
}
