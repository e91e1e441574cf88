using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Data.Trunks;

/// <summary>What is stored of a trunk in one column, since nothing queries it. The members are explained at <see cref="TrunkSettings"/>.</summary>
public sealed record TrunkDetails
{
    /// <summary>See <see cref="TrunkSettings.Server"/>.</summary>
    public required TrunkServer Server { get; init; }

    /// <summary>See <see cref="TrunkSettings.OutboundProxy"/>.</summary>
    public TrunkServer? OutboundProxy { get; init; }

    /// <summary>See <see cref="TrunkSettings.Accounts"/>; passwords sealed.</summary>
    public IReadOnlyList<TrunkAccount> Accounts { get; init; } = [];

    /// <summary>See <see cref="TrunkSettings.RegistrationSeconds"/>.</summary>
    public int? RegistrationSeconds { get; init; }

    /// <summary>See <see cref="TrunkSettings.MaxChannels"/>.</summary>
    public int? MaxChannels { get; init; }

    /// <summary>See <see cref="TrunkSettings.DefaultExtension"/>.</summary>
    public string? DefaultExtension { get; init; }

    /// <summary>See <see cref="TrunkSettings.Recording"/>; absent: off.</summary>
    public RecordingPolicy? Recording { get; init; }

    /// <summary>See <see cref="TrunkSettings.RecordingNotice"/>.</summary>
    public RecordingNotice? RecordingNotice { get; init; }

    /// <summary>Name of the profile: a shipped one, or the tenant's own.</summary>
    public string ProfileName { get; init; } = TrunkProfiles.DefaultName;

    /// <summary>A copy of the tenant's own profile of that name; <see langword="null"/>: it is a shipped one.</summary>
    public OwnProfile? OwnProfile { get; init; }

    /// <summary>What the trunk does otherwise.</summary>
    public TrunkProfileChanges Changes { get; init; } = new();

    /// <summary>The profile with the changes. A profile that this version does not ship (any more) counts as the generic one.</summary>
    public TrunkProfile ToProfile() => Changes.Over(OwnProfile?.ToProfile() ?? TrunkProfiles.Find(ProfileName) ?? TrunkProfiles.Find(TrunkProfiles.DefaultName)!);
}
