using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.Components.Pages.Trunks;

namespace CloudPbx.Portal.Components.Pages.Profiles;

/// <summary>A profile of a tenant's own while it is edited.</summary>
public sealed class ProfileForm : IChangesForm
{
    public string Name { get; set; } = "";

    public string BasedOn { get; set; } = TrunkProfiles.DefaultName;

    /// <inheritdoc/>
    public TrunkProfileChanges Changes { get; set; } = new();

    public static ProfileForm Of(ProfileDto profile) => new() { Name = profile.Name, BasedOn = profile.BasedOn, Changes = profile.Changes };

    public ProfileDocument ToDocument() => new() { Name = Name.Trim(), BasedOn = BasedOn, Changes = Changes };

    /// <summary>The shipped profile that it starts from.</summary>
    /// <param name="shipped">All shipped ones.</param>
    public TrunkProfile BasisOf(IReadOnlyList<TrunkProfile> shipped) => shipped.FirstOrDefault(profile => profile.Name == BasedOn) ?? shipped[0];
}
