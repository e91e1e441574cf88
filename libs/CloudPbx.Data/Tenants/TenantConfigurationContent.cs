using System.Text.Json.Serialization;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Prompts;
using CloudPbx.Data.Trunks;

namespace CloudPbx.Data.Tenants;

/// <summary>A tenant's configuration as it is written in Redis: secrets and the tenant's key stay sealed.</summary>
internal sealed record TenantConfigurationContent
{
    public required TenantId TenantId { get; init; }

    public required long Version { get; init; }

    public required string Name { get; init; }

    public required string Language { get; init; }

    public required int RingSeconds { get; init; }

    public required byte[] WrappedKey { get; init; }

    public required IReadOnlyList<string> Domains { get; init; }

    public required IReadOnlyList<ExtensionContent> Extensions { get; init; }

    public required IReadOnlyList<DeviceContent> Devices { get; init; }

    // Not required: a copy that an older version wrote has none of them. Set, not init: the generated reader writes null over the default of an init-only member.
    public IReadOnlyList<TrunkContent> Trunks { get; set; } = [];

    public IReadOnlyList<TenantNumber> Numbers { get; set; } = [];

    public IReadOnlyList<OutboundRoute> Routes { get; set; } = [];

    public IReadOnlyList<OwnProfile> Profiles { get; set; } = [];

    public OutsideCalling? Outside { get; init; }

    public bool Suspended { get; init; }

    public IReadOnlyList<ConfiguredConference> Conferences { get; set; } = [];

    // The other way round than the tenant's own member: a copy of an older version has none, and meant music.
    public bool HoldSilence { get; init; }

    public bool Announcements { get; init; }

    public bool AllowSupervision { get; init; }

    public bool StorageFull { get; init; }

    public RecordingNotice RecordingNotice { get; init; }

    public string? HoldMusicPrompt { get; init; }

    public string? RecordingNoticePrompt { get; init; }

    public IReadOnlyList<ConfiguredPrompt> Prompts { get; set; } = [];

    /// <summary>What a shared trunk's keeper has: the trunk, and nothing else.</summary>
    public static TenantConfigurationContent OfKeeper(GlobalTrunk trunk) => new()
    {
        TenantId = trunk.Keeper,
        Version = trunk.Revision,
        Name = trunk.Name,
        Language = "en",
        RingSeconds = 30,
        WrappedKey = [],
        Domains = [],
        Extensions = [],
        Devices = [],
        Trunks = [new TrunkContent(trunk.Id, trunk.Name, trunk.Enabled, trunk.Kind, trunk.Sources, trunk.Details, trunk.ResellerId is null ? TrunkOwner.Platform : TrunkOwner.Reseller, trunk.Id)],
    };

    internal sealed record ExtensionContent(
        ExtensionId Id, string Number, string DisplayName, int? RingSeconds, RecordingPolicy Recording = RecordingPolicy.Off,
        CallForwards? Forwards = null, IReadOnlyList<string>? Codecs = null, SrtpPolicy? Encryption = null, RecordingNotice? RecordingNotice = null, ExtensionLimits? Limits = null);

    internal sealed record DeviceContent(
        DeviceId Id, string Extension, string Name, string AuthUser, SrtpPolicy Encryption, bool DigestSha256, byte[] SealedSecret, DateTime? ExpiresAt = null);

    internal sealed record TrunkContent(
        TrunkId Id, string Name, bool Enabled, TrunkKind Kind, IReadOnlyList<string> Sources, TrunkDetails Details, TrunkOwner Owner = TrunkOwner.Tenant, TrunkId? Shared = null);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TenantConfigurationContent))]
internal sealed partial class TenantConfigurationJson : JsonSerializerContext;
