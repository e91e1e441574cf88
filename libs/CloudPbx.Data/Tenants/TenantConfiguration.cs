using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Prompts;
using CloudPbx.Data.Trunks;

namespace CloudPbx.Data.Tenants;

/// <summary>Everything that a tenant's calls need, as it stood in SQL at one version. Immutable; the runtime swaps it whole.</summary>
public sealed class TenantConfiguration
{
    private readonly TenantConfigurationContent _content;
    private readonly TenantKeyring _keyring;
    private readonly KeptTenantKey _kept;
    private readonly TenantKey _key;

    internal TenantConfiguration(TenantConfigurationContent content, TenantKeyring keyring)
    {
        TenantKey key = new(content.TenantId, content.WrappedKey);
        (_content, _keyring, _key, _kept) = (content, keyring, key, new KeptTenantKey(keyring, key));
        Dictionary<string, TenantConfigurationContent.ExtensionContent> extensions = content.Extensions.ToDictionary(e => e.Number, StringComparer.Ordinal);
        Devices = [.. content.Devices.Select(d => new ConfiguredDevice
        {
            Id = d.Id,
            Extension = d.Extension,
            Name = d.Name,
            AuthUser = d.AuthUser,
            Encryption = extensions.GetValueOrDefault(d.Extension)?.Encryption ?? d.Encryption,
            OwnEncryption = d.Encryption,
            Codecs = extensions.GetValueOrDefault(d.Extension)?.Codecs,
            DigestSha256 = d.DigestSha256,
            ExpiresAt = d.ExpiresAt,
            Secret = new DeviceSecret(_kept, d.Id, d.SealedSecret),
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
                Recording = e.Recording,
                Forwards = e.Forwards ?? CallForwards.None,
                Codecs = e.Codecs,
                Encryption = e.Encryption,
                RecordingNotice = e.RecordingNotice,
                Limits = e.Limits ?? ExtensionLimits.None,
                Devices = [.. ofExtension[e.Number]],
            },
            StringComparer.Ordinal);
        Domains = [.. content.Domains];
        Trunks = content.Trunks.ToFrozenDictionary(t => t.Id, ToSettings);
        SharedTrunks = [.. Trunks.Values.Where(trunk => trunk.IsCopy)];
        KeptTrunk = Trunks.Values.SingleOrDefault(trunk => trunk.Shared == trunk.Id);
        Conferences = content.Conferences.ToFrozenDictionary(c => c.Number, StringComparer.Ordinal);
        Prompts = content.Prompts.ToFrozenDictionary(p => p.Name, StringComparer.Ordinal);
        Numbers = content.Numbers.ToFrozenDictionary(n => n.Number, StringComparer.Ordinal);
        Routes = [.. content.Routes.OrderByDescending(r => r.Prefix.Length).ThenBy(r => r.Prefix, StringComparer.Ordinal)];
        Outside = content.Outside ?? new OutsideCalling();
        Home = HomeCountry.Of(Outside, Numbers.Keys);
        EmergencyNumbers = Emergency.Dialled(Outside, Home, content.Language, number => Extensions.ContainsKey(number) || Conferences.ContainsKey(number)).ToFrozenDictionary(StringComparer.Ordinal);
        ToneCountry = Outside.Country ?? (content.Language.StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? "CN" : "EU");
    }

    /// <summary>Which tenant.</summary>
    public TenantId TenantId => _content.TenantId;

    /// <summary>Its <c>config_version</c>.</summary>
    public long Version => _content.Version;

    /// <summary>Whether it is suspended: nobody calls but for help.</summary>
    public bool IsSuspended => _content.Suspended;

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

    /// <summary>What an extension has of limits of its own.</summary>
    /// <param name="number">Its number; who is none has none.</param>
    public ExtensionLimits LimitsOf(string number) => Extensions.GetValueOrDefault(number)?.Limits ?? ExtensionLimits.None;

    /// <summary>All devices.</summary>
    public ImmutableArray<ConfiguredDevice> Devices { get; }

    /// <summary>Its devices by the user name that they authenticate with; case matters.</summary>
    public FrozenDictionary<string, ConfiguredDevice> DevicesByAuthUser { get; }

    /// <summary>Its trunks, disabled ones included.</summary>
    public FrozenDictionary<TrunkId, TrunkSettings> Trunks { get; }

    /// <summary>Those of its trunks that are copies of shared ones.</summary>
    public ImmutableArray<TrunkSettings> SharedTrunks { get; }

    /// <summary>The shared trunk whose lines this runtime keeps registered, which is no tenant's then (<see cref="GlobalTrunk.Keeper"/>); <see langword="null"/>: it is a tenant's.</summary>
    public TrunkSettings? KeptTrunk { get; }

    /// <summary>Its own profiles of carriers, whether a trunk uses them or not. What a trunk does is in the trunk.</summary>
    public IReadOnlyList<OwnProfile> Profiles => _content.Profiles;

    /// <summary>Its conference rooms by number.</summary>
    public FrozenDictionary<string, ConfiguredConference> Conferences { get; }

    /// <summary>Whether a party that is put on hold hears music.</summary>
    public bool HoldMusic => !_content.HoldSilence;

    /// <summary>Whether phones hear why a call of theirs failed.</summary>
    public bool Announcements => _content.Announcements;

    /// <summary>Whether its administrators may listen to its calls.</summary>
    public bool AllowsSupervision => _content.AllowSupervision;

    /// <summary>Whether the storage of its plan is used up: no further recording begins.</summary>
    public bool StorageFull => _content.StorageFull;

    /// <summary>How the parties of a call learn that it is recorded.</summary>
    public RecordingNotice RecordingNotice => _content.RecordingNotice;

    /// <summary>Its own sounds by name.</summary>
    public FrozenDictionary<string, ConfiguredPrompt> Prompts { get; }

    /// <summary>Name of its own prompt that a held party hears; there may be none of this name.</summary>
    public string? HoldMusicPrompt => _content.HoldMusicPrompt;

    /// <summary>Name of its own prompt that tells of a recording; there may be none of this name.</summary>
    public string? RecordingNoticePrompt => _content.RecordingNoticePrompt;

    /// <summary>Its telephone numbers by number (E.164 with <c>+</c>).</summary>
    public FrozenDictionary<string, TenantNumber> Numbers { get; }

    /// <summary>Its outbound routes, the longest prefix first.</summary>
    public ImmutableArray<OutboundRoute> Routes { get; }

    /// <summary>How it calls the outside world, its limits among it.</summary>
    public OutsideCalling Outside { get; }

    /// <summary>The country at home, see <see cref="HomeCountry"/>; <see langword="null"/>: nobody knows.</summary>
    public string? Home { get; }

    /// <summary>Whose progress tones its people are used to: the country from which it calls outside, else that of its language; <c>EU</c> where neither tells.</summary>
    public string ToneCountry { get; }

    /// <summary>Its emergency numbers, its own or those of its country and language, by what dials them (<see cref="Emergency.Dialled"/>).</summary>
    public FrozenDictionary<string, string> EmergencyNumbers { get; }

    /// <summary>What a trunk does otherwise than its profile.</summary>
    /// <param name="trunk">One of <see cref="Trunks"/>.</param>
    public TrunkProfileChanges ChangesOf(TrunkId trunk) => _content.Trunks.Single(t => t.Id == trunk).Details.Changes;

    /// <summary>Opens the password of an account at a carrier.</summary>
    /// <param name="trunk">One of <see cref="Trunks"/>.</param>
    /// <param name="account">One of its accounts.</param>
    /// <param name="password">The password in clear: keep it no longer than the digest takes.</param>
    /// <returns>Whether it could be opened; otherwise the tenant was shredded or the platform key is another.</returns>
    public bool TryOpenPassword(TrunkSettings trunk, TrunkAccount account, [NotNullWhen(true)] out string? password) =>
        trunk.Shared is { } shared
            ? GlobalTrunkPassword.TryOpen(_keyring.PlatformSeal, shared, account.User, account.SealedPassword, out password)
            : TrunkPassword.TryOpen(_keyring, _key, trunk.Id, account.User, account.SealedPassword, out password);

    /// <summary>Seals the key of a recording.</summary>
    /// <param name="recording">Which.</param>
    /// <param name="recordingKey">Its key.</param>
    public byte[] Seal(RecordingId recording, ReadOnlySpan<byte> recordingKey) => RecordingKey.Seal(_keyring, _key, recording, recordingKey);

    /// <summary>Opens the key of a recording.</summary>
    /// <param name="recording">Which.</param>
    /// <param name="sealedKey">What <see cref="Seal"/> gave.</param>
    /// <returns>Its key; null where the tenant was shredded or the platform key is another.</returns>
    public byte[]? Open(RecordingId recording, ReadOnlySpan<byte> sealedKey) => RecordingKey.Open(_keyring, _key, recording, sealedKey);

    /// <summary>Seals what a media node wrote of a leg: its key is in it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="leg">The leg's number.</param>
    /// <param name="state">What the node wrote.</param>
    /// <returns>Null where the tenant was shredded or the platform key is another: a call goes on all the same.</returns>
    public byte[]? SealLeg(CallId call, int leg, string state) => _kept.TryOpen()?.Seal(LegPlace(call, leg), Encoding.UTF8.GetBytes(state));

    /// <summary>Opens what a media node wrote of a leg.</summary>
    /// <param name="call">The call.</param>
    /// <param name="leg">The leg's number.</param>
    /// <param name="value">What <see cref="SealLeg"/> gave.</param>
    /// <returns>Null where there is none, the tenant was shredded or the platform key is another.</returns>
    public string? OpenLeg(CallId call, int leg, byte[]? value) =>
        value is not null && _kept.TryOpen()?.Open(LegPlace(call, leg), value) is { } clear ? Encoding.UTF8.GetString(clear) : null;

    private static string LegPlace(CallId call, int leg) => string.Create(CultureInfo.InvariantCulture, $"leg/{call}/{leg}");

    /// <summary>Writes the configuration, secrets still sealed, for <c>TenantSnapshotStore</c>.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(_content, TenantConfigurationJson.Default.TenantConfigurationContent);

    private static TrunkSettings ToSettings(TenantConfigurationContent.TrunkContent trunk) => new()
    {
        Id = trunk.Id,
        Name = trunk.Name,
        Owner = trunk.Owner,
        Shared = trunk.Shared,
        Enabled = trunk.Enabled,
        Kind = trunk.Kind,
        Server = trunk.Details.Server,
        OutboundProxy = trunk.Details.OutboundProxy,
        Accounts = trunk.Details.Accounts,
        RegistrationSeconds = trunk.Details.RegistrationSeconds ?? TrunkSettings.DefaultRegistrationSeconds,
        Sources = trunk.Sources,
        MaxChannels = trunk.Details.MaxChannels,
        DefaultExtension = trunk.Details.DefaultExtension,
        Recording = trunk.Details.Recording ?? RecordingPolicy.Off,
        RecordingNotice = trunk.Details.RecordingNotice,
        Profile = trunk.Details.ToProfile(),
    };
}
