using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Portal.Components.Pages.Trunks;

/// <summary>A trunk while it is edited. What the form does not show stays as it was.</summary>
public sealed class TrunkForm : IChangesForm
{
    private TrunkDto? _origin;

    public string Name { get; set; } = "";

    public string Profile { get; set; } = TrunkProfiles.DefaultName;

    public string Host { get; set; } = "";

    public int? Port { get; set; }

    public TrunkTransport Transport { get; set; }

    public bool Enabled { get; set; } = true;

    public TrunkKind Kind { get; set; } = TrunkKind.Registered;

    public List<TrunkAccountForm> Accounts { get; } = [];

    /// <summary>Networks, one a line.</summary>
    public string? Sources { get; set; }

    public int? MaxChannels { get; set; }

    public RecordingPolicy Recording { get; set; }

    /// <summary>How parties learn of it; null: as the tenant says.</summary>
    public RecordingNotice? RecordingNotice { get; set; }

    public string? DefaultExtension { get; set; }

    /// <inheritdoc/>
    public TrunkProfileChanges Changes { get; set; } = new();

    public static TrunkForm New() => new() { Accounts = { new TrunkAccountForm() } };

    public static TrunkForm Of(TrunkDto trunk)
    {
        TrunkForm form = new()
        {
            _origin = trunk,
            Name = trunk.Name,
            Profile = trunk.Profile.Name,
            Host = trunk.Server.Host,
            Port = trunk.Server.Port,
            Transport = trunk.Server.Transport,
            Enabled = trunk.Enabled,
            Kind = trunk.Kind,
            Sources = string.Join('\n', trunk.Sources),
            MaxChannels = trunk.MaxChannels,
            Recording = trunk.Recording,
            RecordingNotice = trunk.RecordingNotice,
            DefaultExtension = trunk.DefaultExtension,
            Changes = trunk.Changes,
        };
        form.Accounts.AddRange(trunk.Accounts.Select(account => new TrunkAccountForm { User = account.User, AuthUser = account.AuthUser == account.User ? null : account.AuthUser, IsKnown = true }));
        return form;
    }

    // Who is known by address needs no line: the empty one that the form began with is none.
    private List<TrunkAccountForm> Lines()
    {
        if (Kind == TrunkKind.Ip)
            Accounts.RemoveAll(account => string.IsNullOrWhiteSpace(account.User) && string.IsNullOrEmpty(account.Password));
        return Accounts;
    }

    public TrunkDocument ToDocument() => new()
    {
        Name = Name.Trim(),
        Enabled = Enabled,
        Kind = Kind,
        Server = Server(),
        OutboundProxy = Proxy(),
        Accounts = AccountDocuments(),
        RegistrationSeconds = _origin?.RegistrationSeconds,
        Sources = Networks(),
        MaxChannels = MaxChannels,
        Recording = Recording,
        RecordingNotice = RecordingNotice,
        DefaultExtension = Blank(DefaultExtension),
        Profile = Profile,
        Changes = Changes,
    };

    /// <summary>The same as a shared trunk.</summary>
    public PlatformTrunkDocument ToPlatformDocument() => new()
    {
        Name = Name.Trim(), Enabled = Enabled, Kind = Kind, Server = Server(), OutboundProxy = Proxy(), Accounts = AccountDocuments(), RegistrationSeconds = _origin?.RegistrationSeconds, Sources = Networks(), MaxChannels = MaxChannels, Profile = Profile, Changes = Changes,
    };

    /// <summary>The profile that was chosen.</summary>
    /// <param name="profiles">All that can be.</param>
    public TrunkProfile ChosenOf(IReadOnlyList<TrunkProfile> profiles) => profiles.FirstOrDefault(profile => profile.Name == Profile) ?? profiles[0];

    /// <summary>What is wrong with one of the sources: it stands beneath the field that has them all.</summary>
    /// <param name="errors">What is wrong with the form.</param>
    public static string? SourcesWrong(FormErrors errors) => errors["sources"] ?? Enumerable.Range(0, 64).Select(index => errors[$"sources[{index}]"]).FirstOrDefault(wrong => wrong is not null);

    private TrunkAccountDocument[] AccountDocuments() =>
        [.. Lines().Select(account => new TrunkAccountDocument { User = account.User.Trim(), AuthUser = Blank(account.AuthUser), Password = string.IsNullOrEmpty(account.Password) ? null : account.Password })];

    private TrunkServerDocument Server() => new() { Host = Host.Trim(), Port = Port, Transport = Transport };

    private TrunkServerDocument? Proxy() => _origin?.OutboundProxy is { } proxy ? new TrunkServerDocument { Host = proxy.Host, Port = proxy.Port, Transport = proxy.Transport } : null;

    private string[] Networks() => (Sources ?? "").Split(['\n', '\r', ',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
