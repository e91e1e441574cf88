using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Api.Trunks;

internal static class OutsideMapping
{
    private const int MostRules = 1000, MostCalls = 100_000, MostMinutes = 10_000_000;
    private const long MostMicroUnits = 1_000_000_000_000_000;

    public static OutsideDocument ReadOutside(this ObjectReader reader) => new()
    {
        OutsidePrefix = reader.Optional("outsidePrefix", TrunkRules.OutsidePrefix),
        CallerNumber = reader.Optional("callerNumber", TrunkRules.Number),
        CallerNumbers = reader.Objects(
            "callerNumbers", rule => new CallerNumberRule(rule.Required("extensions", TrunkRules.ExtensionPrefix), rule.Required("number", TrunkRules.Number)), MostRules),
        EmergencyNumbers = reader.Texts("emergencyNumbers", TrunkRules.EmergencyNumber, 32),
        Country = reader.Optional("country", TrunkRules.Country),
    };

    public static CallLimits ReadLimits(this ObjectReader reader)
    {
        CallLimits limits = ReadMembers(reader);
        if (limits is { AllowAllCountries: true, AllowedCountries: not null })
            reader.Fault("allowAllCountries", "Goes without \"allowedCountries\": say one of the two.");
        return limits;
    }

    /// <summary>Reads an extension's own limits, to the end of the object.</summary>
    public static ExtensionLimits ReadExtensionLimits(this ObjectReader reader)
    {
        ExtensionLimits limits = new()
        {
            MaxOutsideCalls = reader.OptionalInteger("maxOutsideCalls", 0, MostCalls),
            MaxCallsAbroad = reader.OptionalInteger("maxCallsAbroad", 0, MostCalls),
            OutsideMinutesPerDay = reader.OptionalInteger("outsideMinutesPerDay", 0, MostMinutes),
            MicroUnitsPerDay = reader.OptionalLong("microUnitsPerDay", 0, MostMicroUnits),
        };
        reader.Finish();
        return limits;
    }

    private static CallLimits ReadMembers(ObjectReader reader) => new()
    {
        MaxChannels = reader.OptionalInteger("maxChannels", 0, MostCalls),
        MaxOutsideCalls = reader.OptionalInteger("maxOutsideCalls", 0, MostCalls),
        MaxOutsideCallsPerExtension = reader.OptionalInteger("maxOutsideCallsPerExtension", 0, MostCalls),
        MaxCallsAbroad = reader.OptionalInteger("maxCallsAbroad", 0, MostCalls),
        MaxCallsAbroadPerExtension = reader.OptionalInteger("maxCallsAbroadPerExtension", 0, MostCalls),
        OutsideCallsPerMinute = reader.OptionalInteger("outsideCallsPerMinute", 0, MostCalls),
        MaxCallSeconds = reader.OptionalInteger("maxCallSeconds", 10, 86_400),
        OutsideMinutesPerDay = reader.OptionalInteger("outsideMinutesPerDay", 0, MostMinutes),
        OutsideMinutesPerDayPerExtension = reader.OptionalInteger("outsideMinutesPerDayPerExtension", 0, MostMinutes),
        MicroUnitsPerDayPerExtension = reader.OptionalLong("microUnitsPerDayPerExtension", 0, MostMicroUnits),
        AllowPremiumNumbers = reader.OptionalBoolean("allowPremiumNumbers") ?? false,
        AllowForwardAbroad = reader.OptionalBoolean("allowForwardAbroad") ?? false,
        MicroUnitsPerDay = reader.OptionalLong("microUnitsPerDay", 0, MostMicroUnits),
        MicroUnitsPerDayPerDestination = reader.OptionalLong("microUnitsPerDayPerDestination", 0, MostMicroUnits),
        AllowedCountries = reader.Texts("allowedCountries", TrunkRules.AllowedCountry, 250),
        AllowAllCountries = reader.OptionalBoolean("allowAllCountries") ?? false,
    };

    public static CallRate ReadRate(ObjectReader reader) => new(reader.Required("prefix", TrunkRules.RatePrefix), reader.OptionalLong("microUnitsPerMinute", 0, 1_000_000_000_000) ?? 0);

    public static OutsideCalling ToSettings(this OutsideDocument document, CallLimits limits, IReadOnlyList<CallRate> rates) => new()
    {
        OutsidePrefix = document.OutsidePrefix ?? OutsideCalling.DefaultPrefix,
        CallerNumber = document.CallerNumber,
        CallerNumbers = document.CallerNumbers,
        EmergencyNumbers = document.EmergencyNumbers,
        Country = document.Country,
        Limits = limits,
        Rates = rates,
    };

    public static OutsideDocument ToDocument(this OutsideCalling settings) => new()
    {
        OutsidePrefix = settings.OutsidePrefix,
        CallerNumber = settings.CallerNumber,
        CallerNumbers = settings.CallerNumbers,
        EmergencyNumbers = settings.EmergencyNumbers,
        Country = settings.Country,
    };
}
