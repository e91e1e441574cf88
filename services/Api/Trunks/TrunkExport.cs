using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;

namespace CloudPbx.Api.Trunks;

/// <summary>A tenant's trunks, numbers and routes as its document has them, passwords in clear.</summary>
internal static class TrunkExport
{
    public static IReadOnlyList<TrunkDocument> Trunks(TenantConfiguration tenant) =>
        [.. tenant.Trunks.Values.Where(t => t.Owner == TrunkOwner.Tenant).OrderBy(t => t.Name, StringComparer.Ordinal).Select(t => ToDocument(tenant, t))];

    public static IReadOnlyList<ProfileDocument> Profiles(TenantConfiguration tenant) =>
    [
        .. tenant.Profiles.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => new ProfileDocument { Name = p.Name, BasedOn = p.BasedOn, Changes = p.Changes == new TrunkProfileChanges() ? null : p.Changes }),
    ];

    public static IReadOnlyList<NumberDocument> Numbers(TenantConfiguration tenant) =>
    [
        .. tenant.Numbers.Values.OrderBy(n => n.Number, StringComparer.Ordinal).Select(n => new NumberDocument
        {
            Number = n.Number,
            Trunk = n.Trunk is { } trunk ? tenant.Trunks.GetValueOrDefault(trunk)?.Name : null,
            Extension = n.Extension,
        }),
    ];

    public static IReadOnlyList<RouteDocument> Routes(TenantConfiguration tenant)
    {
        Dictionary<TrunkId, string> names = tenant.Trunks.ToDictionary(t => t.Key, t => t.Value.Name);
        return [.. tenant.Routes.OrderBy(r => r.Name, StringComparer.Ordinal).Select(r => r.ToDocument(names))];
    }

    private static TrunkDocument ToDocument(TenantConfiguration tenant, TrunkSettings trunk) => new()
    {
        Name = trunk.Name,
        Enabled = trunk.Enabled,
        Kind = trunk.Kind,
        Server = ToDocument(trunk.Server),
        OutboundProxy = trunk.OutboundProxy is { } proxy ? ToDocument(proxy) : null,
        Accounts =
        [
            .. trunk.Accounts.Select(account => new TrunkAccountDocument
            {
                User = account.User, AuthUser = account.AuthUser, Password = tenant.TryOpenPassword(trunk, account, out string? password) ? password : null,
            }),
        ],
        RegistrationSeconds = trunk.RegistrationSeconds == TrunkSettings.DefaultRegistrationSeconds ? null : trunk.RegistrationSeconds,
        Sources = trunk.Sources,
        MaxChannels = trunk.MaxChannels,
        DefaultExtension = trunk.DefaultExtension,
        Recording = trunk.Recording == RecordingPolicy.Off ? null : trunk.Recording,
        RecordingNotice = trunk.RecordingNotice,
        Profile = trunk.Profile.Name,
        Changes = tenant.ChangesOf(trunk.Id) is { } changes && changes != new TrunkProfileChanges() ? changes : null,
    };

    private static TrunkServerDocument ToDocument(TrunkServer server) => new() { Host = server.Host, Port = server.Port, Transport = server.Transport };
}
