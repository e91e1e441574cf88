using System.Text.Json;
using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Trunks;

namespace CloudPbx.Api.Trunks;

internal static class TrunkMapping
{
    public static TrunkDto ToDto(this Trunk trunk, IEnumerable<string> sources) => new()
    {
        Id = trunk.Id,
        Name = trunk.Name,
        Owner = trunk.Owner,
        Enabled = trunk.Enabled,
        Kind = trunk.Kind,
        Server = trunk.Details.Server,
        OutboundProxy = trunk.Details.OutboundProxy,
        // A shared trunk's are its owner's alone.
        Accounts = trunk.IsCopy ? [] : [.. trunk.Details.Accounts.Select(account => new TrunkAccountDocument { User = account.User, AuthUser = account.AuthUser })],
        RegistrationSeconds = trunk.Details.RegistrationSeconds ?? TrunkSettings.DefaultRegistrationSeconds,
        Sources = [.. sources.Order(StringComparer.Ordinal)],
        MaxChannels = trunk.Details.MaxChannels,
        DefaultExtension = trunk.Details.DefaultExtension,
        Recording = trunk.Details.Recording ?? RecordingPolicy.Off,
        RecordingNotice = trunk.Details.RecordingNotice,
        Profile = trunk.Details.ToProfile(),
        Changes = trunk.Details.Changes,
    };

    /// <summary>Makes a trunk without anything in it; <see cref="Apply"/> follows.</summary>
    public static Trunk NewTrunk(TenantId tenant, TrunkDocument wish) => new()
    {
        Id = TrunkId.New(),
        TenantId = tenant,
        Name = wish.Name,
        Kind = wish.Kind ?? TrunkKind.Registered,
        Enabled = true,
        Details = new TrunkDetails { Server = wish.Server.ToServer() },
    };

    /// <summary>Notes the accounts of a request that are new and have no password.</summary>
    public static void CheckPasswords(this IReadOnlyList<TrunkAccountDocument> wish, TrunkDetails? present, string path, RequestErrors errors)
    {
        for (int i = 0; i < wish.Count; i++)
        {
            TrunkAccountDocument account = wish[i];
            if (account.Password is null && present?.Accounts.Any(known => known.User == account.User) != true)
                errors.Add($"{path}.accounts[{i}].password", "Is missing: a new account needs the password that the carrier gave.");
        }
    }

    /// <summary>Writes a request over a row; gives whether anything is different now. Its sources are rows of their own.</summary>
    public static bool Apply(this Trunk row, TrunkDocument wish, string language, TrunkSecrets secrets, OwnProfiles profiles)
    {
        TrunkDetails details = new()
        {
            Server = wish.Server.ToServer(),
            OutboundProxy = wish.OutboundProxy?.ToServer(),
            Accounts = Accounts(row.Id, wish.Accounts, row.Details, secrets),
            RegistrationSeconds = OtherThanDefault(wish.RegistrationSeconds),
            MaxChannels = wish.MaxChannels,
            DefaultExtension = wish.DefaultExtension,
            Recording = wish.Recording is RecordingPolicy.Off ? null : wish.Recording,
            RecordingNotice = wish.RecordingNotice,
            ProfileName = wish.Profile ?? TrunkProfiles.DefaultName,
            OwnProfile = profiles.FindOwn(wish.Profile),
            Changes = WithLanguage(wish.Changes ?? new TrunkProfileChanges(), wish.Profile, language),
        };
        (string, TrunkKind, bool) before = (row.Name, row.Kind, row.Enabled);
        (row.Name, row.Kind, row.Enabled) = (wish.Name, wish.Kind ?? TrunkKind.Registered, wish.Enabled ?? true);
        bool changed = before != (row.Name, row.Kind, row.Enabled);
        if (Text(details) == Text(row.Details))
            return changed;
        row.Details = details;
        return true;
    }

    /// <summary>What a request makes of a shared trunk.</summary>
    public static TrunkDetails ToDetails(this PlatformTrunkDocument wish, GlobalTrunk row, TrunkSecrets secrets) => new()
    {
        Server = wish.Server.ToServer(),
        OutboundProxy = wish.OutboundProxy?.ToServer(),
        Accounts = Accounts(row.Id, wish.Accounts, row.Details, secrets),
        RegistrationSeconds = OtherThanDefault(wish.RegistrationSeconds),
        MaxChannels = wish.MaxChannels,
        ProfileName = wish.Profile ?? TrunkProfiles.DefaultName,
        Changes = wish.Changes ?? new TrunkProfileChanges(),
    };

    private static IReadOnlyList<TrunkAccount> Accounts(TrunkId trunk, IReadOnlyList<TrunkAccountDocument> wish, TrunkDetails present, TrunkSecrets secrets)
    {
        Dictionary<string, TrunkAccount> known = present.Accounts.ToDictionary(account => account.User, StringComparer.Ordinal);
        return
        [
            .. wish.Select(account => new TrunkAccount
            {
                User = account.User,
                AuthUser = account.AuthUser ?? account.User,
                SealedPassword = secrets.Seal(trunk, account.User, known.GetValueOrDefault(account.User), account.Password),
            }),
        ];
    }

    private static int? OtherThanDefault(int? registrationSeconds) => registrationSeconds == TrunkSettings.DefaultRegistrationSeconds ? null : registrationSeconds;

    private static TrunkServer ToServer(this TrunkServerDocument server) => new(server.Host, server.Port, server.Transport ?? TrunkTransport.Auto);

    // Carriers in China want user=phone, others refuse any parameter: who says nothing gets what is usual where its language is spoken.
    private static TrunkProfileChanges WithLanguage(TrunkProfileChanges changes, string? profile, string language) =>
        changes.RequestUriParameters is null && (profile ?? TrunkProfiles.DefaultName) == TrunkProfiles.DefaultName && Emergency.IsChinese(language)
            ? changes with { RequestUriParameters = "user=phone" }
            : changes;

    private static string Text(TrunkDetails details) => JsonSerializer.Serialize(details, JsonSerializerOptions.Web);
}
