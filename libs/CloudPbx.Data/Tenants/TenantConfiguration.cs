using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Keys;

namespace CloudPbx.Data.Tenants;

/// <summary>Everything that a tenant's calls need, as it stood in SQL at one version. Immutable; the runtime swaps it whole.</summary>
public sealed class TenantConfiguration
{
    private readonly TenantConfigurationContent _content;

    internal TenantConfiguration(TenantConfigurationContent content, TenantKeyring keyring)
    {
        _content = content;
        TenantKey key = new(content.TenantId, content.WrappedKey);
        Devices = [.. content.Devices.Select(d => new ConfiguredDevice
        {
            Id = d.Id,
            Extension = d.Extension,
            Name = d.Name,
            AuthUser = d.AuthUser,
            Encryption = d.Encryption,
            DigestSha256 = d.DigestSha256,
            Secret = new DeviceSecret(keyring, key, d.Id, d.SealedSecret),
        })];
        DevicesByAuthUser = Devices.ToFrozenDictionary(d => d.AuthUser, StringComparer.Ordinal);
        ILookup<string, ConfiguredDevice> ofExtension = Devices.ToLookup(d => d.Extension, StringComparer.Ordinal);
        Extensions = content.Extensions.ToFrozenDictionary(
            e => e.Number,
            e => new ConfiguredExtension
            {
                Id = e.Id,
                Number = e.Number,
                DisplayName = e.DisplayName,
                RingTimeout = TimeSpan.FromSeconds(e.RingSeconds ?? content.RingSeconds),
                OwnRingSeconds = e.RingSeconds,
                Devices = [.. ofExtension[e.Number]],
            },
            StringComparer.Ordinal);
        Domains = [.. content.Domains];
    }

    /// <summary>Which tenant.</summary>
    public TenantId TenantId => _content.TenantId;

    /// <summary>Its <c>config_version</c>.</summary>
    public long Version => _content.Version;

    /// <summary>Its name, unique on the platform.</summary>
    public string Name => _content.Name;

    /// <summary>Language of its prompts and pages, as a language tag (BCP 47): <c>en</c>, <c>zh</c>.</summary>
    public string Language => _content.Language;

    /// <summary>How long an extension rings that says nothing of its own.</summary>
    public TimeSpan RingTimeout => TimeSpan.FromSeconds(_content.RingSeconds);

    /// <summary>Its SIP domains in lower case, the first one its own realm.</summary>
    public ImmutableArray<string> Domains { get; }

    /// <summary>Its extensions by number.</summary>
    public FrozenDictionary<string, ConfiguredExtension> Extensions { get; }

    /// <summary>All devices.</summary>
    public ImmutableArray<ConfiguredDevice> Devices { get; }

    /// <summary>Its devices by the user name that they authenticate with; case matters.</summary>
    public FrozenDictionary<string, ConfiguredDevice> DevicesByAuthUser { get; }

    /// <summary>Writes the configuration, secrets still sealed, for <c>TenantSnapshotStore</c>.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(_content, TenantConfigurationJson.Default.TenantConfigurationContent);
}
