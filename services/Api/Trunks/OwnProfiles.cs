using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Trunks;

/// <summary>The profiles that a trunk may name: those of its tenant's own, and the shipped ones.</summary>
internal sealed class OwnProfiles
{
    /// <summary>More than these nobody tells apart.</summary>
    public const int Most = 200;

    private readonly Dictionary<string, OwnProfile> _own;

    private OwnProfiles(IEnumerable<OwnProfile> own)
    {
        _own = new Dictionary<string, OwnProfile>(StringComparer.Ordinal);
        foreach (OwnProfile profile in own)
            _own.TryAdd(profile.Name, profile);                                         // a second one of that name in a document is an error by itself
    }

    /// <summary>The shipped ones alone: what a shared trunk may name.</summary>
    public static OwnProfiles Shipped { get; } = new([]);

    public static async Task<OwnProfiles> LoadAsync(PbxDbContext db, CancellationToken cancel) =>
        new((await db.TrunkProfiles.AsNoTracking().ToListAsync(cancel)).Select(row => row.ToProfile()));

    public static OwnProfiles Of(IReadOnlyList<ProfileDocument> documents) => new(documents.Select(ProfileMapping.ToProfile));

    /// <summary>Finds one of the tenant's own.</summary>
    public OwnProfile? FindOwn(string? name) => name is null ? null : _own.GetValueOrDefault(name);

    /// <summary>Finds a profile, the tenant's own first: a later version may ship one of a name that a tenant has long had.</summary>
    /// <param name="name">Its name; <see langword="null"/>: the generic one.</param>
    public OwnProfile? Find(string? name) =>
        FindOwn(name) ?? (TrunkProfiles.Find(name ?? TrunkProfiles.DefaultName) is { } shipped ? new OwnProfile(shipped.Name, shipped.Name, new TrunkProfileChanges()) : null);

    /// <summary>Notes what is wrong with a trunk's profile, and with what comes of it and the trunk's changes.</summary>
    public void Check(string? name, TrunkProfileChanges? changes, string path, RequestErrors errors)
    {
        if (Find(name) is not { } profile)
            errors.Add($"{path}.profile", $"Must be one of {TrunkRules.Quoted(TrunkProfiles.All.Select(shipped => shipped.Name).Concat(_own.Keys.Order(StringComparer.Ordinal)))}.");
        else if (Fault(profile, changes) is { } fault)
            errors.Add($"{path}.{fault.Member}", fault.Sentence);
    }

    /// <summary>Says what keeps a trunk from acting by a profile; <see langword="null"/>: nothing. Either alone can be right and both together wrong.</summary>
    public static (string Member, string Sentence)? Fault(OwnProfile profile, TrunkProfileChanges? changes)
    {
        TrunkProfile acting = changes is null ? profile.ToProfile() : changes.Over(profile.ToProfile());
        // I31: Teams refuses every request whose Contact has another host, and nobody but the tenant knows the name.
        if (profile.BasedOn == TrunkProfiles.TeamsName && acting.ContactHost is null)
            return ("changes.contactHost", "Is missing: Teams answers only to the host name in our certificate, for example \"sbc.example.com\".");
        // RFC 3966 §3: pname, which is less than RFC 3261 lets a parameter of a SIP URI be called.
        if (acting.UriScheme == TrunkUriScheme.Tel && acting.RequestUriParameters.Split(';').Any(parameter => parameter.Split('=')[0].Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-')))
            return ("changes.requestUriParameters", TrunkReading.TelParametersText);
        return acting is { PassCaller: true, Diversion: false, HistoryInfo: false } ? ("changes.passCaller", TrunkReading.PassCallerText) : null;
    }
}
