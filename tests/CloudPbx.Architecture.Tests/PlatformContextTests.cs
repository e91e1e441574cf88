using System.Reflection;
using CloudPbx.Data;
using NetArchTest.Rules;

namespace CloudPbx.Architecture.Tests;

/// <summary>Who may see all tenants' rows at once.</summary>
public sealed class PlatformContextTests
{
    private static readonly string[] s_callers =
    [
        "CloudPbx.Data.Tenants.DirectoryReader", "CloudPbx.Data.Tenants.TenantLookup", "CloudPbx.Data.Trunks.SourceConflicts", "CloudPbx.Data.Trunks.GlobalTrunkStore",
        "CloudPbx.Data.Keys.GlobalKeyStore", "CloudPbx.Data.Users.OneTimeLinks", "CloudPbx.Data.Clients.IssuedTokens", "CloudPbx.Data.Clients.ApiKeyStore",
        "CloudPbx.Data.Users.UserDirectory", "CloudPbx.Data.Users.SessionStore", "CloudPbx.Data.SignInProviders.SignInProviderLookup", "CloudPbx.Data.Resellers.ResellerStore", "CloudPbx.Data.Platform.PlatformSettingsStore", "CloudPbx.Data.Audit.GlobalAuditStore",
        "CloudPbx.Data.Resellers.BrandingLookup", "CloudPbx.Data.SignUps.SignUpStore",
        "CloudPbx.Data.Recordings.RecordingArrivals", "CloudPbx.Data.Webhooks.WebhookStore", "CloudPbx.Data.Webhooks.WebhookQueue",
        "CloudPbx.Api.Keys.ClientRegistration",                                         // hands it to OpenIddict's stores, as Identity does
        "CloudPbx.Identity.Users.UserStore",                                            // a sign-in has no tenant yet
        "CloudPbx.Identity.IdentityModule",                                             // hands it to OpenIddict's stores
        "CloudPbx.Data.Postgres.PostgresSchema",                                        // adds partitions, and reads no rows
    ];

    // They make the context and hand it to the callers above.
    private static readonly string[] s_makers =
    [
        "CloudPbx.Data.PlatformDbContext", "CloudPbx.Data.IPbxDatabase", "CloudPbx.Data.PbxDatabase", "CloudPbx.Data.PbxDataExtensions",
    ];

    public static TheoryData<string> Projects =>
        [.. Repository.Projects("libs").Keys.Concat(Repository.Projects("services").Keys).Where(name => name is not DependencyTable.Composer).Order()];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_the_listed_types_use_the_context_of_all_tenants(string project)
    {
        IEnumerable<string> users = Types.InAssembly(Assembly.Load($"CloudPbx.{project}")).That().HaveDependencyOn(typeof(PlatformDbContext).FullName)
            .GetTypes().Select(type => type.FullName!.Split('/', '+')[0]).Distinct();
        Assert.Empty(users.Except([.. s_callers, .. s_makers]));
    }
}
