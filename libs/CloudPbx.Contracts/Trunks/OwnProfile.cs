namespace CloudPbx.Contracts.Trunks;

/// <summary>A profile of a tenant's own: a shipped one with changes, under a name that its trunks may use.</summary>
/// <param name="Name">Its name, unique in its tenant; none of a shipped one.</param>
/// <param name="BasedOn">The shipped profile that it starts from.</param>
/// <param name="Changes">What it does otherwise.</param>
public sealed record OwnProfile(string Name, string BasedOn, TrunkProfileChanges Changes)
{
    /// <summary>The profile that comes of it. A shipped one that this version does not have (any more) counts as the generic one.</summary>
    public TrunkProfile ToProfile() => Changes.Over(TrunkProfiles.Find(BasedOn) ?? TrunkProfiles.Find(TrunkProfiles.DefaultName)!) with { Name = Name };
}
