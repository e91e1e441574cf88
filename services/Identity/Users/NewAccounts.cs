using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Users;

namespace CloudPbx.Identity.Users;

/// <summary>The operator that a new installation begins with.</summary>
internal static class NewAccounts
{
    /// <summary>What the first operator types at the sign-in.</summary>
    public const string OperatorName = "operator";

    public static GlobalUser Operator(DateTime now) => new()
    {
        Id = UserId.New(),
        UserName = OperatorName,
        NormalizedUserName = OperatorName.ToUpperInvariant(),
        DisplayName = "Operator",
        Role = UserRole.Operator,
        SecurityStamp = Guid.NewGuid().ToString("N"),
        RecoveryCodes = [],
        CreatedAt = now,
    };
}
