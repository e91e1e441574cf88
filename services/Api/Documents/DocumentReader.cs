using System.Text.Json;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Conferences;
using CloudPbx.Api.Devices;
using CloudPbx.Api.Extensions;
using CloudPbx.Api.Numbers;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Api.Documents;

/// <summary>Reads a tenant's document and checks whatever can be checked without the database, every error with its place.</summary>
internal static class DocumentReader
{
    private const int MostDomains = 100;
    private const int MostTrunks = 1000;
    private const int MostNumbers = 100_000;
    private const int MostRoutes = 1000;

    public static TenantDocument Read(JsonBody body, IReadOnlySet<string> platformTrunks, RequestErrors errors)
    {
        ObjectReader reader = body.Read(errors);
        TenantDocument document = new()
        {
            Name = reader.Required("name", Rules.TenantName),
            Language = reader.Optional("language", Rules.Language),
            RingSeconds = reader.OptionalInteger("ringSeconds", Rules.LeastRingSeconds, Rules.MostRingSeconds),
            HoldMusic = reader.OptionalBoolean("holdMusic"),
            Announcements = reader.OptionalBoolean("announcements"),
            RecordingDays = reader.OptionalInteger("recordingDays", 1, Rules.MostRecordingDays),
            AllowSupervision = reader.OptionalBoolean("allowSupervision"),
            RecordingNotice = reader.OptionalEnum<RecordingNotice>("recordingNotice"),
            HoldMusicPrompt = reader.Optional("holdMusicPrompt", Rules.PromptName),
            RecordingNoticePrompt = reader.Optional("recordingNoticePrompt", Rules.PromptName),
            IsDefault = reader.OptionalBoolean("isDefault"),
            Domains = ReadDomains(reader, errors),
            Extensions = ReadExtensions(reader, errors),
            Conferences = reader.Objects("conferences", ConferenceMapping.ReadConference, ConferenceEndpoints.Most),
            Profiles = reader.Objects("profiles", TrunkReading.ReadProfile, OwnProfiles.Most),
            Trunks = reader.Objects("trunks", TrunkReading.ReadTrunk, MostTrunks),
            Numbers = reader.Objects("numbers", NumberMapping.ReadNumber, MostNumbers),
            Routes = reader.Objects("routes", RouteMapping.ReadRoute, MostRoutes),
            Outside = ReadWhole(reader, "outside", OutsideMapping.ReadOutside),
            Limits = ReadWhole(reader, "limits", OutsideMapping.ReadLimits),
            Rates = reader.Objects("rates", OutsideMapping.ReadRate, RateTable.MaximumRates),
        };
        reader.Finish();
        FirstPlaces inside = new(errors, "number");
        for (int i = 0; i < document.Extensions.Count; i++)
            inside.Add(document.Extensions[i].Number, $"$.extensions[{i}].number", isNews: false);
        for (int i = 0; i < document.Conferences.Count; i++)
            inside.Add(document.Conferences[i].Number, $"$.conferences[{i}].number");
        CheckTrunks(document, platformTrunks, errors);
        return document;
    }

    private static T? ReadWhole<T>(ObjectReader document, string member, Func<ObjectReader, T> read)
        where T : class
    {
        if (document.Object(member) is not { } reader)
            return null;
        T whole = read(reader);
        reader.Finish();
        return whole;
    }

    // What they refer to must stand in the document, since everything else is deleted.
    private static void CheckTrunks(TenantDocument document, IReadOnlySet<string> platformTrunks, RequestErrors errors)
    {
        References references = References.Of(document, platformTrunks);
        FirstPlaces profiles = new(errors, "profile"), trunks = new(errors, "trunk"), numbers = new(errors, "number"), routes = new(errors, "route"), prefixes = new(errors, "prefix");
        for (int i = 0; i < document.Profiles.Count; i++)
            profiles.Add(document.Profiles[i].Name, $"$.profiles[{i}].name");
        for (int i = 0; i < document.Trunks.Count; i++)
        {
            trunks.Add(document.Trunks[i].Name, $"$.trunks[{i}].name");
            if (platformTrunks.Contains(document.Trunks[i].Name))
                errors.Add($"$.trunks[{i}].name", "The platform has given the tenant a trunk of this name: choose another, or leave it out here.");
            references.Check(document.Trunks[i], $"$.trunks[{i}]", errors);
        }
        for (int i = 0; i < document.Numbers.Count; i++)
        {
            numbers.Add(document.Numbers[i].Number, $"$.numbers[{i}].number");
            references.Check(document.Numbers[i], $"$.numbers[{i}]", errors);
        }
        for (int i = 0; i < document.Routes.Count; i++)
        {
            routes.Add(document.Routes[i].Name, $"$.routes[{i}].name");
            prefixes.Add(document.Routes[i].Prefix is { Length: > 0 } prefix ? prefix : "(every number)", $"$.routes[{i}].prefix");
            references.Check(document.Routes[i], $"$.routes[{i}]", errors);
        }
        if (document.Outside is { } outside)
            references.Check(outside, "$.outside", errors);
    }

    private static List<string> ReadDomains(ObjectReader reader, RequestErrors errors)
    {
        FirstPlaces places = new(errors, "domain");
        List<string> domains = [];
        foreach ((JsonElement element, string path) in reader.List("domains"))
        {
            string? text = element.ValueKind == JsonValueKind.String ? element.GetString() : null;
            string? wrong = text is null ? "Must be a text in double quotes." : Rules.Domain(text);
            if (wrong is not null)
                errors.Add(path, wrong);
            else if (places.Add(Rules.NormalizeDomain(text!)!, path))
                domains.Add(Rules.NormalizeDomain(text!)!);
        }
        if (domains.Count > MostDomains)
            errors.Add(reader.PathOf("domains"), $"Must not have more than {MostDomains} domains.");
        return domains;
    }

    private static List<ExtensionDocument> ReadExtensions(ObjectReader reader, RequestErrors errors)
    {
        FirstPlaces numbers = new(errors, "extension number");
        FirstPlaces users = new(errors, "user name");
        List<ExtensionDocument> extensions = [];
        foreach ((JsonElement element, string path) in reader.List("extensions"))
        {
            ObjectReader extension = ObjectReader.Of(element, path, errors);
            NewExtension read = extension.ReadExtension();
            List<DeviceDocument> devices = [];
            foreach ((JsonElement deviceElement, string devicePath) in extension.List("devices"))
            {
                ObjectReader device = ObjectReader.Of(deviceElement, devicePath, errors);
                DeviceDocument readDevice = device.ReadDeviceMembers();
                device.Finish();
                users.Add(readDevice.AuthUser ?? read.Number, devicePath + ".authUser");
                devices.Add(readDevice);
            }
            extension.Finish();
            numbers.Add(read.Number, extension.PathOf("number"));
            extensions.Add(read.ToDocument(devices));
        }
        return extensions;
    }

    /// <summary>Where each value stood first; a second place is an error.</summary>
    private sealed class FirstPlaces(RequestErrors errors, string what)
    {
        private readonly Dictionary<string, string> _places = new(StringComparer.Ordinal);

        /// <param name="value">What.</param>
        /// <param name="path">Where.</param>
        /// <param name="isNews">Whether a second place is said; it was said elsewhere otherwise.</param>
        public bool Add(string value, string path, bool isNews = true)
        {
            if (value.Length == 0 || _places.TryAdd(value, path))
                return true;
            if (!isNews)
                return false;
            errors.Add(path, $"The {what} \"{value}\" is used at {_places[value]} already: each must be unique in the document.");
            return false;
        }
    }
}
