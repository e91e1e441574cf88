using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Audit;
using CloudPbx.Data.CallRecords;
using CloudPbx.Data.Clients;
using CloudPbx.Data.Conversions;
using CloudPbx.Data.Conferences;
using CloudPbx.Data.Devices;
using CloudPbx.Data.EventLog;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Numbering;
using CloudPbx.Data.Platform;
using CloudPbx.Data.Prompts;
using CloudPbx.Data.Recordings;
using CloudPbx.Data.Resellers;
using CloudPbx.Data.SignInProviders;
using CloudPbx.Data.SignUps;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using CloudPbx.Data.Users;
using CloudPbx.Data.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace CloudPbx.Data;

/// <summary>The tables, the same on both providers and for both contexts.</summary>
public abstract class PbxModel : DbContext
{
    /// <summary>Takes the provider's options.</summary>
    /// <param name="options">The options.</param>
    private protected PbxModel(DbContextOptions options)
        : base(options)
    {
    }

    /// <summary>Tenants.</summary>
    public DbSet<Tenant> Tenants => Set<Tenant>();

    /// <summary>The tenants' wrapped data keys.</summary>
    public DbSet<WrappedTenantKey> TenantKeys => Set<WrappedTenantKey>();

    /// <summary>The tenants' counters.</summary>
    public DbSet<TenantSequence> TenantSequences => Set<TenantSequence>();

    /// <summary>SIP domains.</summary>
    public DbSet<TenantDomain> Domains => Set<TenantDomain>();

    /// <summary>Domains that tenants have not proven yet.</summary>
    public DbSet<DomainClaim> DomainClaims => Set<DomainClaim>();

    /// <summary>Extensions.</summary>
    public DbSet<Extension> Extensions => Set<Extension>();

    /// <summary>Devices.</summary>
    public DbSet<Device> Devices => Set<Device>();

    /// <summary>Trunks.</summary>
    public DbSet<Trunk> Trunks => Set<Trunk>();

    /// <summary>The tenants' own profiles of carriers.</summary>
    public DbSet<TrunkProfileRow> TrunkProfiles => Set<TrunkProfileRow>();

    /// <summary>Where the calls of IP trunks come from.</summary>
    public DbSet<TrunkSource> TrunkSources => Set<TrunkSource>();

    /// <summary>Conference rooms.</summary>
    public DbSet<ConferenceRoom> Conferences => Set<ConferenceRoom>();

    /// <summary>The tenants' own sounds.</summary>
    public DbSet<Prompt> Prompts => Set<Prompt>();

    /// <summary>Links from which phones fetch their accounts.</summary>
    public DbSet<ProvisioningLink> ProvisioningLinks => Set<ProvisioningLink>();

    /// <summary>Telephone numbers.</summary>
    public DbSet<PhoneNumber> PhoneNumbers => Set<PhoneNumber>();

    /// <summary>Outbound routes.</summary>
    public DbSet<TrunkRoute> TrunkRoutes => Set<TrunkRoute>();

    /// <summary>How the tenants call the outside world.</summary>
    public DbSet<OutsideCallingRow> OutsideCalling => Set<OutsideCallingRow>();

    /// <summary>The platform's trunks; seen by <see cref="PlatformDbContext"/>, and each by who keeps its lines (<see cref="GlobalTrunk.Keeper"/>).</summary>
    public DbSet<GlobalTrunk> GlobalTrunks => Set<GlobalTrunk>();

    /// <summary>The platform's inventory of numbers; seen by <see cref="PlatformDbContext"/> alone.</summary>
    public DbSet<GlobalNumber> GlobalNumbers => Set<GlobalNumber>();

    /// <summary>Resellers; seen by <see cref="PlatformDbContext"/> alone, as all that follows up to the keys.</summary>
    public DbSet<GlobalReseller> GlobalResellers => Set<GlobalReseller>();

    /// <summary>Who may sign in.</summary>
    public DbSet<GlobalUser> GlobalUsers => Set<GlobalUser>();

    /// <summary>Where they are signed in.</summary>
    public DbSet<GlobalSession> GlobalSessions => Set<GlobalSession>();

    /// <summary>Their passkeys.</summary>
    public DbSet<GlobalPasskey> GlobalPasskeys => Set<GlobalPasskey>();

    /// <summary>Links by which they choose a password.</summary>
    public DbSet<GlobalOneTimeLink> GlobalOneTimeLinks => Set<GlobalOneTimeLink>();

    /// <summary>Programs that may ask for tokens.</summary>
    public DbSet<GlobalClient> GlobalClients => Set<GlobalClient>();

    /// <summary>What users let programs do.</summary>
    public DbSet<GlobalAuthorization> GlobalAuthorizations => Set<GlobalAuthorization>();

    /// <summary>Tokens that were issued.</summary>
    public DbSet<GlobalToken> GlobalTokens => Set<GlobalToken>();

    /// <summary>What tokens may be asked for.</summary>
    public DbSet<GlobalScope> GlobalScopes => Set<GlobalScope>();

    /// <summary>The platform's own keys, sealed.</summary>
    public DbSet<GlobalKey> GlobalKeys => Set<GlobalKey>();

    /// <summary>What tenants may be given; of the platform, too.</summary>
    public DbSet<GlobalPlan> GlobalPlans => Set<GlobalPlan>();

    /// <summary>The platform's settings, one row; of the platform, too.</summary>
    public DbSet<GlobalSettings> GlobalSettings => Set<GlobalSettings>();

    /// <summary>Who signed up and has not answered the mail; of the platform, too.</summary>
    public DbSet<GlobalSignUp> GlobalSignUps => Set<GlobalSignUp>();

    /// <summary>The tenants' own OpenID Connect providers.</summary>
    public DbSet<SignInProvider> SignInProviders => Set<SignInProvider>();

    /// <summary>Who changed what.</summary>
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    /// <summary>Who changed what of the platform; seen by <see cref="PlatformDbContext"/> alone.</summary>
    public DbSet<GlobalAuditEntry> GlobalAuditEntries => Set<GlobalAuditEntry>();

    /// <summary>Records of ended calls.</summary>
    public DbSet<CallRecord> CallRecords => Set<CallRecord>();

    /// <summary>The messages of ended calls, parts of their records.</summary>
    public DbSet<CallLadder> CallLadders => Set<CallLadder>();

    /// <summary>Recordings of calls.</summary>
    public DbSet<Recording> Recordings => Set<Recording>();

    /// <summary>Recordings whose audio is not in the object store yet.</summary>
    public DbSet<AwaitedRecording> AwaitedRecordings => Set<AwaitedRecording>();

    /// <summary>Where events are sent to; of the platform, too.</summary>
    public DbSet<GlobalWebhook> GlobalWebhooks => Set<GlobalWebhook>();

    /// <summary>How far webhooks have come in the tenants' event logs; of the platform, too.</summary>
    public DbSet<GlobalWebhookPosition> GlobalWebhookPositions => Set<GlobalWebhookPosition>();

    /// <summary>What was sent, or is to be; of the platform, too.</summary>
    public DbSet<GlobalWebhookDelivery> GlobalWebhookDeliveries => Set<GlobalWebhookDelivery>();

    /// <summary>The tenants' event logs.</summary>
    public DbSet<EventLogEntry> EventLog => Set<EventLogEntry>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<TenantId>().HaveConversion<EntityIdConverter<TenantId>>();
        configurationBuilder.Properties<ExtensionId>().HaveConversion<EntityIdConverter<ExtensionId>>();
        configurationBuilder.Properties<DeviceId>().HaveConversion<EntityIdConverter<DeviceId>>();
        configurationBuilder.Properties<DomainId>().HaveConversion<EntityIdConverter<DomainId>>();
        configurationBuilder.Properties<TrunkId>().HaveConversion<EntityIdConverter<TrunkId>>();
        configurationBuilder.Properties<NumberId>().HaveConversion<EntityIdConverter<NumberId>>();
        configurationBuilder.Properties<ProfileId>().HaveConversion<EntityIdConverter<ProfileId>>();
        configurationBuilder.Properties<RouteId>().HaveConversion<EntityIdConverter<RouteId>>();
        configurationBuilder.Properties<ConferenceId>().HaveConversion<EntityIdConverter<ConferenceId>>();
        configurationBuilder.Properties<ResellerId>().HaveConversion<EntityIdConverter<ResellerId>>();
        configurationBuilder.Properties<UserId>().HaveConversion<EntityIdConverter<UserId>>();
        configurationBuilder.Properties<SessionId>().HaveConversion<EntityIdConverter<SessionId>>();
        configurationBuilder.Properties<CallId>().HaveConversion<EntityIdConverter<CallId>>();
        configurationBuilder.Properties<PromptId>().HaveConversion<EntityIdConverter<PromptId>>();
        configurationBuilder.Properties<RecordingId>().HaveConversion<EntityIdConverter<RecordingId>>();
        configurationBuilder.Properties<WebhookId>().HaveConversion<EntityIdConverter<WebhookId>>();
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(16);
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(PbxModel).Assembly);
        foreach (IMutableEntityType entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (IMutableProperty property in entity.GetProperties())
                property.SetColumnName(SnakeCase.Of(property.Name));
            foreach (IMutableKey key in entity.GetKeys())
                key.SetName($"pk_{entity.GetTableName()}");
            foreach (IMutableIndex index in entity.GetIndexes())
                index.SetDatabaseName($"ix_{entity.GetTableName()}_{string.Join('_', index.Properties.Select(p => SnakeCase.Of(p.Name)))}");
            foreach (IMutableForeignKey key in entity.GetForeignKeys())
                key.SetConstraintName($"fk_{entity.GetTableName()}_{key.PrincipalEntityType.GetTableName()}");
        }
    }
}
