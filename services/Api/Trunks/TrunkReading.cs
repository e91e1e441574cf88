using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Api.Trunks;

/// <summary>Reads trunks from a request or a document, every error with its place.</summary>
internal static class TrunkReading
{
    public const string TelParametersText = "Must have names of letters, digits and hyphens alone where \"uriScheme\" is \"tel\", for example \"tgrp=7;phone-context=ims.example.com\".";
    public const string PassCallerText = "Needs \"diversion\" or \"historyInfo\" to be true: without them the carrier does not see why the number is none of yours.";

    private const int MostAccounts = 1000;
    private const int MostSources = 64;
    private const int MostRules = 64;

    public static TrunkDocument ReadTrunk(this ObjectReader reader)
    {
        TrunkDocument trunk = new()
        {
            Name = reader.Required("name", TrunkRules.Name),
            Enabled = reader.OptionalBoolean("enabled"),
            Kind = reader.OptionalEnum<TrunkKind>("kind"),
            Server = ReadServer(reader, "server") ?? Missing(reader),
            OutboundProxy = ReadServer(reader, "outboundProxy"),
            Accounts = reader.Objects("accounts", ReadAccount, MostAccounts),
            RegistrationSeconds = reader.OptionalInteger("registrationSeconds", 60, 86400),
            Sources = ReadSources(reader),
            MaxChannels = reader.OptionalInteger("maxChannels", 1, 10000),
            DefaultExtension = reader.Optional("defaultExtension", Rules.ExtensionNumber),
            Recording = reader.OptionalEnum<RecordingPolicy>("recording"),
            RecordingNotice = reader.OptionalEnum<RecordingNotice>("recordingNotice"),
            Profile = reader.Optional("profile", TrunkRules.Name),                      // whether there is one of that name, References knows
            Changes = reader.Object("changes") is { } changes ? ReadChanges(changes) : null,
        };
        CheckAccounts(reader, trunk.Kind ?? TrunkKind.Registered, trunk.Accounts);
        return trunk;
    }

    public static PlatformTrunkDocument ReadPlatformTrunk(this ObjectReader reader)
    {
        PlatformTrunkDocument trunk = new()
        {
            Name = reader.Required("name", TrunkRules.Name),
            Enabled = reader.OptionalBoolean("enabled"),
            Kind = reader.OptionalEnum<TrunkKind>("kind"),
            Server = ReadServer(reader, "server") ?? Missing(reader),
            OutboundProxy = ReadServer(reader, "outboundProxy"),
            Accounts = reader.Objects("accounts", ReadAccount, MostAccounts),
            RegistrationSeconds = reader.OptionalInteger("registrationSeconds", 60, 86400),
            Sources = ReadSources(reader),
            MaxChannels = reader.OptionalInteger("maxChannels", 1, 10000),
            Profile = reader.Optional("profile", TrunkRules.Profile),
            Changes = reader.Object("changes") is { } changes ? ReadChanges(changes) : null,
        };
        CheckAccounts(reader, trunk.Kind ?? TrunkKind.Ip, trunk.Accounts);
        if (OwnProfiles.Shipped.Find(trunk.Profile) is { } profile && OwnProfiles.Fault(profile, trunk.Changes) is { } fault)
            reader.Fault(fault.Member, fault.Sentence);
        return trunk;
    }

    public static ProfileDocument ReadProfile(this ObjectReader reader) => new()
    {
        Name = reader.Required("name", TrunkRules.ProfileName),
        BasedOn = reader.Optional("basedOn", TrunkRules.Profile),
        Changes = reader.Object("changes") is { } changes ? ReadChanges(changes) : null,
    };

    public static IReadOnlyList<NumberRewrite> ReadRewrites(this ObjectReader reader, string member) => reader.Objects(member, ReadRewrite, MostRules);

    private static void CheckAccounts(ObjectReader reader, TrunkKind kind, IReadOnlyList<TrunkAccountDocument> accounts)
    {
        if (kind == TrunkKind.Registered && accounts.Count == 0)
            reader.Fault("accounts", "Must have at least one account: a registered trunk registers by it. A carrier that trusts our address is of kind \"ip\".");
        if (kind == TrunkKind.Ip && accounts.Count > 1)
            reader.Fault("accounts", "Must have at most one account: an IP trunk does not register, it only answers challenges by it.");
        foreach (IGrouping<string, TrunkAccountDocument> twice in accounts.Where(a => a.User.Length > 0).GroupBy(a => a.User, StringComparer.Ordinal).Where(g => g.Count() > 1))
            reader.Fault("accounts", $"Has the user \"{twice.Key}\" twice: each must be unique in the trunk.");
    }

    private static IReadOnlyList<string> ReadSources(ObjectReader reader) =>
        [.. (reader.Texts("sources", TrunkRules.Source, MostSources) ?? []).Select(text => (CertificateSource.Is(text) ? CertificateSource.Normalize(text) : TrunkRules.NormalizeSource(text)?.ToString()) ?? text).Distinct()];

    private static NumberRewrite ReadRewrite(ObjectReader reader)
    {
        NumberRewrite rule = new()
        {
            Prefix = reader.Optional("prefix", TrunkRules.RewritePrefix),
            Pattern = reader.Optional("pattern", TrunkRules.RewritePattern),
            Replacement = reader.Required("replacement", TrunkRules.Replacement),
        };
        if (NumberRewriter.Check(rule) is { } wrong)
            reader.Fault(rule.Pattern is null || rule.Prefix is not null ? "prefix" : "pattern", wrong);
        return rule;
    }

    private static TrunkServerDocument? ReadServer(ObjectReader reader, string member)
    {
        if (reader.Object(member) is not { } server)
            return null;
        TrunkServerDocument read = new()
        {
            Host = server.Required("host", TrunkRules.Host),
            Port = server.OptionalInteger("port", 1, 65535),
            Transport = server.OptionalEnum<TrunkTransport>("transport"),
        };
        server.Finish();
        return read;
    }

    private static TrunkServerDocument Missing(ObjectReader reader)
    {
        reader.Fault("server", "Is missing: it must be there, for example { \"host\": \"sip.carrier.example\" }.");
        return new TrunkServerDocument { Host = "" };
    }

    private static TrunkAccountDocument ReadAccount(ObjectReader reader) => new()
    {
        User = reader.Required("user", TrunkRules.User),
        AuthUser = reader.Optional("authUser", TrunkRules.User),
        Password = reader.Optional("password", TrunkRules.Password),
    };

    private static TrunkProfileChanges ReadChanges(ObjectReader reader)
    {
        TrunkProfileChanges changes = new()
        {
            Rel100 = reader.OptionalEnum<Rel100Policy>("rel100"),
            RequestUriParameters = reader.Optional("requestUriParameters", TrunkRules.UriParameters),
            ParametersInFromAndTo = reader.OptionalBoolean("parametersInFromAndTo"),
            UriScheme = reader.OptionalEnum<TrunkUriScheme>("uriScheme"),
            FromUser = reader.Optional("fromUser", TrunkRules.Template),
            FromDomain = reader.Optional("fromDomain", TrunkRules.Template),
            ContactHost = reader.Optional("contactHost", TrunkRules.Host),
            AssertedIdentity = reader.Optional("assertedIdentity", TrunkRules.Template),
            PreferredIdentity = reader.Optional("preferredIdentity", TrunkRules.Template),
            RemotePartyId = reader.Optional("remotePartyId", TrunkRules.Template),
            Diversion = reader.OptionalBoolean("diversion"),
            HistoryInfo = reader.OptionalBoolean("historyInfo"),
            PassCaller = reader.OptionalBoolean("passCaller"),
            Privacy = reader.OptionalBoolean("privacy"),
            FreshCallIdPerRegister = reader.OptionalBoolean("freshCallIdPerRegister"),
            AcceptTransfers = reader.OptionalBoolean("acceptTransfers"),
            SessionTimer = reader.OptionalEnum<SessionTimerPolicy>("sessionTimer"),
            SessionExpiresSeconds = reader.OptionalInteger("sessionExpiresSeconds", 90, 86400),      // RFC 4028 §4: at least 90
            OptionsKeepAlive = reader.OptionalBoolean("optionsKeepAlive"),
            OptionsIntervalSeconds = reader.OptionalInteger("optionsIntervalSeconds", 10, 3600),
            CalledNumberFrom = reader.OptionalEnum<CalledNumberSource>("calledNumberFrom"),
            Numbers = reader.Object("numbers") is { } numbers ? ReadFormats(numbers) : null,
            Dtmf = reader.OptionalEnum<TrunkDtmf>("dtmf"),
            Codecs = reader.Texts("codecs", TrunkRules.Codec, 8),
            PacketMilliseconds = reader.OptionalInteger("packetMilliseconds", 10, 60),
            EarlyMedia = reader.OptionalEnum<EarlyMediaPolicy>("earlyMedia"),
            OfferlessInvite = reader.OptionalBoolean("offerlessInvite"),
            Srtp = reader.OptionalEnum<SrtpPolicy>("srtp"),
            VerifyServerName = reader.OptionalBoolean("verifyServerName"),
            TlsServerName = reader.Optional("tlsServerName", TrunkRules.Host),
            ClientCertificate = reader.Optional("clientCertificate", TrunkRules.CertificateName),
        };
        if (changes is { PassCaller: true, Diversion: false, HistoryInfo: not true })
            reader.Fault("passCaller", PassCallerText);
        if (changes.Codecs is { Count: 0 })
            reader.Fault("codecs", "Must name at least one codec.");
        if (changes.PacketMilliseconds is not (null or 10 or 20 or 30 or 40 or 60))
            reader.Fault("packetMilliseconds", "Must be 10, 20, 30, 40 or 60.");
        reader.Finish();
        return changes;
    }

    private static NumberFormats ReadFormats(ObjectReader reader)
    {
        NumberFormats formats = new()
        {
            CalledIn = reader.ReadRewrites("calledIn"),
            CallerIn = reader.ReadRewrites("callerIn"),
            CalledOut = reader.ReadRewrites("calledOut"),
            CallerOut = reader.ReadRewrites("callerOut"),
        };
        reader.Finish();
        return formats;
    }
}
