using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State;

/// <summary>Names every Redis key and channel. A tenant's keys carry the hash tag <c>{tenant}</c>, so that they sit in one cluster slot and one script may touch them all.</summary>
/// <remarks>What each key holds and when it expires stands beside it; a key without expiry says why.</remarks>
internal static class Keys
{
    /// <summary>String, decimal: the highest epoch that wrote for the tenant. Expires 30 days after the last write; then Unix milliseconds take over.</summary>
    public static RedisKey Epoch(TenantId tenant) => Tenant(tenant, "epoch");

    /// <summary>Hash, binding key → JSON of a binding. Expires with its last binding.</summary>
    public static RedisKey Bindings(TenantId tenant) => Tenant(tenant, "bindings");

    /// <summary>Hash, call → its snapshot, in CallControl's own format. Expires a day after the last write.</summary>
    public static RedisKey Calls(TenantId tenant) => Tenant(tenant, "calls");

    /// <summary>Hash, number of a subscription → its state, in CallControl's own format. Expires with its last subscription.</summary>
    public static RedisKey Subscriptions(TenantId tenant) => Tenant(tenant, "subscriptions");

    /// <summary>Hash, trunk → what its calls taught, in CallControl's own format. Expires a week after the last write.</summary>
    public static RedisKey TrunkNotes(TenantId tenant) => Tenant(tenant, "trunk-notes");

    /// <summary>Hash, <c>t</c> or <c>m</c> and an extension → milliseconds or money of its calls to the outside that ended that day. Expires two days after the last write.</summary>
    public static RedisKey Usage(TenantId tenant, DateOnly day) => Tenant(tenant, "usage:" + day.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Hash, destination to money in millionths: what calls to the outside that have ended cost in a day. Expires like <see cref="Usage"/>.</summary>
    public static RedisKey UsageByDestination(TenantId tenant, DateOnly day) =>
        Tenant(tenant, "usage-by-destination:" + day.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Hash, <c>version</c> and <c>content</c>: the last configuration read from SQL, secrets sealed. Expires 30 days after the last write.</summary>
    public static RedisKey Configuration(TenantId tenant) => Tenant(tenant, "configuration");

    /// <summary>Hash, <c>version</c> and <c>content</c>: the edges' directory. No expiry: edges must find their tenants however long Api is away.</summary>
    public static RedisKey Directory => "{directory}:snapshot";

    /// <summary>Channel: the directory changed; the message is its version.</summary>
    public static RedisChannel DirectoryChanged => RedisChannel.Literal("{directory}:changed");

    /// <summary>String, 32 octets: what the edges sign flow tokens with. No expiry: bindings carry such tokens for as long as phones refresh them.</summary>
    public static RedisKey EdgeSecret => "{edges}:secret";

    /// <summary>Set of nodes' names: those that the operator wants to be drained. Expires 30 days after the last write.</summary>
    public static RedisKey DrainWishes => "{media-nodes}:drain";

    /// <summary>Sorted set, tenant → Unix milliseconds until which it counts as active. Expires with its last member.</summary>
    public static RedisKey ActiveTenants => "{tenants}:active";

    /// <summary>Hash, name → JSON of what an edge, worker or media node announces. Expires with its last member.</summary>
    public static RedisKey Announcements(string kind) => $"{{{kind}}}:announced";

    /// <summary>Sorted set, name → Unix milliseconds until which the announcement holds. Expires with its last member.</summary>
    public static RedisKey AnnouncementDeadlines(string kind) => $"{{{kind}}}:deadlines";

    /// <summary>Channel: an edge, worker or media node came, moved or left; the message is its name.</summary>
    public static RedisChannel AnnouncementsChanged(string kind) => RedisChannel.Literal($"{{{kind}}}:changed");

    /// <summary>Sorted set, subject of a ban → Unix milliseconds of its end. Expires with its last member. All bans share one slot: an edge reads them at once.</summary>
    public static RedisKey Bans => "{bans}:until";

    /// <summary>Hash, subject of a ban → Unix milliseconds of its beginning and its strikes. Expires with its last member.</summary>
    public static RedisKey BanDetails => "{bans}:details";

    /// <summary>String, decimal: how often a subject was banned. Expires a day after its last ban.</summary>
    public static RedisKey BanStrikes(string subject) => $"{{bans}}:strikes:{subject}";

    /// <summary>String: some account is registered from a source. Expires a little after the registrations.</summary>
    public static RedisKey RegisteredSource(string source) => $"{{bans}}:registered:{source}";

    /// <summary>Channel: <c>+UNTIL SUBJECT</c>, somebody was banned, or <c>-SUBJECT</c>, a ban was lifted.</summary>
    public static RedisChannel BansChanged => RedisChannel.Literal("{bans}:changed");

    /// <summary>Sorted set, tenant and account → Unix milliseconds until which its wrong passwords are counted together. Expires with its last member.</summary>
    public static RedisKey Guessed => "{attacks}:counted-until";

    /// <summary>Hash, tenant and account → wrong passwords in that time. Expires with its last member.</summary>
    public static RedisKey Guesses => "{attacks}:guesses";

    /// <summary>Sorted set, tenant and account → Unix milliseconds until which it is under attack. Expires with its last member.</summary>
    public static RedisKey Attacks => "{attacks}:until";

    /// <summary>Channel: <c>UNTIL TENANT ACCOUNT</c>, an account is under attack.</summary>
    public static RedisChannel AttacksChanged => RedisChannel.Literal("{attacks}:changed");

    /// <summary>String: the sealed tokens of a browser that is signed in to the portal. Expires with the session.</summary>
    public static RedisKey PortalSession(string session) => $"{{portal}}:session:{session}";

    /// <summary>Set: the portal's sessions that came from one sign-in.</summary>
    public static RedisKey PortalSessionsOf(SessionId signIn) => $"{{portal}}:sign-in:{signIn}";

    /// <summary>String: the answer to a request with an <c>Idempotency-Key</c>, sealed, or that it is under way. Expires a day after it. Named by subject and key, which no tenant owns.</summary>
    public static RedisKey Answer(string name) => $"answers:{name}";

    /// <summary>Channel: what changed among a tenant's extensions and calls, in the owner's own format.</summary>
    public static RedisChannel Live(TenantId tenant) => RedisChannel.Literal($"{{{tenant}}}:live");

    private static RedisKey Tenant(TenantId tenant, string name) => $"{{{tenant}}}:{name}";
}
