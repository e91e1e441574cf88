using System.Text.Json;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Trunks;

namespace CloudPbx.Api.Trunks;

internal static class ProfileMapping
{
    public static OwnProfile ToProfile(this ProfileDocument wish) => new(wish.Name, wish.BasedOn ?? TrunkProfiles.DefaultName, wish.Changes ?? new TrunkProfileChanges());

    public static ProfileDto ToDto(this TrunkProfileRow row, IEnumerable<string> trunks) => new()
    {
        Id = row.Id,
        Name = row.Name,
        BasedOn = row.BasedOn,
        Changes = row.Changes,
        Profile = row.ToProfile().ToProfile(),
        Trunks = [.. trunks.Order(StringComparer.Ordinal)],
    };

    public static TrunkProfileRow NewProfile(TenantId tenant, ProfileDocument wish)
    {
        OwnProfile profile = wish.ToProfile();
        return new TrunkProfileRow { Id = ProfileId.New(), TenantId = tenant, Name = profile.Name, BasedOn = profile.BasedOn, Changes = profile.Changes };
    }

    /// <summary>Writes a request over a row; gives whether anything is different now. The trunks that use it follow by <see cref="Follow"/>.</summary>
    public static bool Apply(this TrunkProfileRow row, ProfileDocument wish)
    {
        OwnProfile profile = wish.ToProfile();
        if (Text(profile) == Text(row.ToProfile()))
            return false;
        (row.Name, row.BasedOn, row.Changes) = (profile.Name, profile.BasedOn, profile.Changes);
        return true;
    }

    /// <summary>Has a trunk act by its profile as that is now, under the name that it has now.</summary>
    public static void Follow(this Trunk trunk, OwnProfile profile) => trunk.Details = trunk.Details with { ProfileName = profile.Name, OwnProfile = profile };

    // A record with lists in it does not compare by value.
    private static string Text(OwnProfile profile) => JsonSerializer.Serialize(profile, JsonSerializerOptions.Web);
}
