using CloudPbx.Contracts.Api;

namespace CloudPbx.Contracts.Trunks;

/// <summary>What a trunk does otherwise than its profile, or a profile of a tenant's own otherwise than the shipped one; an absent member is as the profile says. The members are explained at <see cref="TrunkProfile"/>.</summary>
public sealed record TrunkProfileChanges
{
    /// <summary>See <see cref="TrunkProfile.Rel100"/>.</summary>
    public Rel100Policy? Rel100 { get; init; }

    /// <summary>See <see cref="TrunkProfile.RequestUriParameters"/>. Absent at a new trunk with the generic profile: <c>user=phone</c> where the tenant's language is Chinese.</summary>
    public string? RequestUriParameters { get; init; }

    /// <summary>See <see cref="TrunkProfile.ParametersInFromAndTo"/>.</summary>
    public bool? ParametersInFromAndTo { get; init; }

    /// <summary>See <see cref="TrunkProfile.UriScheme"/>.</summary>
    public TrunkUriScheme? UriScheme { get; init; }

    /// <summary>See <see cref="TrunkProfile.FromUser"/>.</summary>
    public string? FromUser { get; init; }

    /// <summary>See <see cref="TrunkProfile.FromDomain"/>.</summary>
    public string? FromDomain { get; init; }

    /// <summary>See <see cref="TrunkProfile.ContactHost"/>.</summary>
    public string? ContactHost { get; init; }

    /// <summary>See <see cref="TrunkProfile.AssertedIdentity"/>.</summary>
    public string? AssertedIdentity { get; init; }

    /// <summary>See <see cref="TrunkProfile.PreferredIdentity"/>.</summary>
    public string? PreferredIdentity { get; init; }

    /// <summary>See <see cref="TrunkProfile.RemotePartyId"/>.</summary>
    public string? RemotePartyId { get; init; }

    /// <summary>See <see cref="TrunkProfile.Diversion"/>.</summary>
    public bool? Diversion { get; init; }

    /// <summary>See <see cref="TrunkProfile.HistoryInfo"/>.</summary>
    public bool? HistoryInfo { get; init; }

    /// <summary>See <see cref="TrunkProfile.PassCaller"/>.</summary>
    public bool? PassCaller { get; init; }

    /// <summary>See <see cref="TrunkProfile.Privacy"/>.</summary>
    public bool? Privacy { get; init; }

    /// <summary>See <see cref="TrunkProfile.FreshCallIdPerRegister"/>.</summary>
    public bool? FreshCallIdPerRegister { get; init; }

    /// <summary>See <see cref="TrunkProfile.AcceptTransfers"/>.</summary>
    public bool? AcceptTransfers { get; init; }

    /// <summary>See <see cref="TrunkProfile.SessionTimer"/>.</summary>
    public SessionTimerPolicy? SessionTimer { get; init; }

    /// <summary>See <see cref="TrunkProfile.SessionExpiresSeconds"/>.</summary>
    public int? SessionExpiresSeconds { get; init; }

    /// <summary>See <see cref="TrunkProfile.OptionsKeepAlive"/>.</summary>
    public bool? OptionsKeepAlive { get; init; }

    /// <summary>See <see cref="TrunkProfile.OptionsIntervalSeconds"/>.</summary>
    public int? OptionsIntervalSeconds { get; init; }

    /// <summary>See <see cref="TrunkProfile.CalledNumberFrom"/>.</summary>
    public CalledNumberSource? CalledNumberFrom { get; init; }

    /// <summary>See <see cref="TrunkProfile.Numbers"/>; given, it replaces all four lists.</summary>
    public NumberFormats? Numbers { get; init; }

    /// <summary>See <see cref="TrunkProfile.Dtmf"/>.</summary>
    public TrunkDtmf? Dtmf { get; init; }

    /// <summary>See <see cref="TrunkProfile.Codecs"/>.</summary>
    public IReadOnlyList<string>? Codecs { get; init; }

    /// <summary>See <see cref="TrunkProfile.PacketMilliseconds"/>.</summary>
    public int? PacketMilliseconds { get; init; }

    /// <summary>See <see cref="TrunkProfile.EarlyMedia"/>.</summary>
    public EarlyMediaPolicy? EarlyMedia { get; init; }

    /// <summary>See <see cref="TrunkProfile.OfferlessInvite"/>.</summary>
    public bool? OfferlessInvite { get; init; }

    /// <summary>See <see cref="TrunkProfile.Srtp"/>.</summary>
    public SrtpPolicy? Srtp { get; init; }

    /// <summary>See <see cref="TrunkProfile.VerifyServerName"/>.</summary>
    public bool? VerifyServerName { get; init; }

    /// <summary>See <see cref="TrunkProfile.TlsServerName"/>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>See <see cref="TrunkProfile.ClientCertificate"/>.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>Gives the profile with these changes.</summary>
    /// <param name="profile">The shipped profile.</param>
    public TrunkProfile Over(TrunkProfile profile) => profile with
    {
        Rel100 = Rel100 ?? profile.Rel100,
        RequestUriParameters = RequestUriParameters ?? profile.RequestUriParameters,
        ParametersInFromAndTo = ParametersInFromAndTo ?? profile.ParametersInFromAndTo,
        UriScheme = UriScheme ?? profile.UriScheme,
        FromUser = FromUser ?? profile.FromUser,
        FromDomain = FromDomain ?? profile.FromDomain,
        ContactHost = ContactHost ?? profile.ContactHost,
        AssertedIdentity = AssertedIdentity ?? profile.AssertedIdentity,
        PreferredIdentity = PreferredIdentity ?? profile.PreferredIdentity,
        RemotePartyId = RemotePartyId ?? profile.RemotePartyId,
        Diversion = Diversion ?? profile.Diversion,
        HistoryInfo = HistoryInfo ?? profile.HistoryInfo,
        PassCaller = PassCaller ?? profile.PassCaller,
        Privacy = Privacy ?? profile.Privacy,
        FreshCallIdPerRegister = FreshCallIdPerRegister ?? profile.FreshCallIdPerRegister,
        AcceptTransfers = AcceptTransfers ?? profile.AcceptTransfers,
        SessionTimer = SessionTimer ?? profile.SessionTimer,
        SessionExpiresSeconds = SessionExpiresSeconds ?? profile.SessionExpiresSeconds,
        OptionsKeepAlive = OptionsKeepAlive ?? profile.OptionsKeepAlive,
        OptionsIntervalSeconds = OptionsIntervalSeconds ?? profile.OptionsIntervalSeconds,
        CalledNumberFrom = CalledNumberFrom ?? profile.CalledNumberFrom,
        Numbers = Numbers ?? profile.Numbers,
        Dtmf = Dtmf ?? profile.Dtmf,
        Codecs = Codecs ?? profile.Codecs,
        PacketMilliseconds = PacketMilliseconds ?? profile.PacketMilliseconds,
        EarlyMedia = EarlyMedia ?? profile.EarlyMedia,
        OfferlessInvite = OfferlessInvite ?? profile.OfferlessInvite,
        Srtp = Srtp ?? profile.Srtp,
        VerifyServerName = VerifyServerName ?? profile.VerifyServerName,
        TlsServerName = TlsServerName ?? profile.TlsServerName,
        ClientCertificate = ClientCertificate ?? profile.ClientCertificate,
    };
}
