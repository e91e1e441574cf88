using System.Globalization;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.CallControl.Routing;

/// <summary>The limits that decide whether a call to the outside may begin (SECURITY.md S1). Emergency calls are never asked about here.</summary>
internal static class OutsideLimits
{
    /// <summary>Why it may not, or null.</summary>
    /// <param name="number">The number, without outside prefix.</param>
    /// <param name="home">The tenant's country at home; null: not known.</param>
    /// <param name="outside">The tenant's settings.</param>
    /// <param name="own">What the caller's extension has of figures of its own.</param>
    /// <param name="conditions">What is in use, and was used today.</param>
    public static (int Status, string Rule, string Value)? Refusal(string number, string? home, OutsideCalling outside, ExtensionLimits own, RouteConditions conditions) =>
        OfNumber(number, home, outside.Limits, conditions.IsForward) ?? OfUse(outside.Limits, own, conditions) ?? OfUseAbroad(number, home, outside.Limits, own, conditions) ?? OfMoney(number, home, outside, own, conditions);

    private static (int Status, string Rule, string Value)? OfUse(CallLimits limits, ExtensionLimits own, RouteConditions conditions) =>
        Reached(limits.MaxChannels, conditions.Channels.Values.Sum()) ? (503, "limit-channels", Text(limits.MaxChannels))
        : Reached(limits.MaxOutsideCalls, conditions.OutsideCalls) ? (503, "limit-outside-calls", Text(limits.MaxOutsideCalls))
        : Reached(own.MaxOutsideCalls ?? limits.MaxOutsideCallsPerExtension, conditions.OutsideCallsOfCaller)
            ? (503, "limit-extension-calls", Text(own.MaxOutsideCalls ?? limits.MaxOutsideCallsPerExtension) + Whose(own.MaxOutsideCalls))
        : Reached(limits.OutsideCallsPerMinute, conditions.OutsideCallsInLastMinute) ? (503, "limit-calls-per-minute", Text(limits.OutsideCallsPerMinute))
        : Reached(limits.OutsideMinutesPerDay, conditions.UsedToday.Minutes) ? (403, "limit-minutes-per-day", Text(limits.OutsideMinutesPerDay))
        : Reached(own.OutsideMinutesPerDay ?? limits.OutsideMinutesPerDayPerExtension, conditions.UsedTodayByCaller.Minutes)
            ? (403, "limit-extension-minutes-per-day", Text(own.OutsideMinutesPerDay ?? limits.OutsideMinutesPerDayPerExtension) + Whose(own.OutsideMinutesPerDay))
        : null;

    private static (int Status, string Rule, string Value)? OfUseAbroad(string number, string? home, CallLimits limits, ExtensionLimits own, RouteConditions conditions)
    {
        if (!IsAbroad(number, home))
            return null;
        // Where home is not known a number with a country's code may be at home: only who says a figure has a limit (infra/decisions/0019-home-country.md).
        int? ofTenant = limits.MaxCallsAbroad ?? (home is null ? null : CallLimits.UsualCallsAbroad);
        int? ofExtension = own.MaxCallsAbroad ?? limits.MaxCallsAbroadPerExtension ?? (home is null ? null : CallLimits.UsualCallsAbroadPerExtension);
        return Reached(ofTenant, conditions.CallsAbroad) ? (503, "limit-calls-abroad", Text(ofTenant))
            : Reached(ofExtension, conditions.CallsAbroadOfCaller) ? (503, "limit-extension-calls-abroad", Text(ofExtension) + Whose(own.MaxCallsAbroad))
            : null;
    }

    private static (int Status, string Rule, string Value)? OfMoney(string number, string? home, OutsideCalling outside, ExtensionLimits own, RouteConditions conditions)
    {
        CallLimits limits = outside.Limits;
        long? ofExtension = own.MicroUnitsPerDay ?? limits.MicroUnitsPerDayPerExtension;
        if (limits is { MicroUnitsPerDay: null, MicroUnitsPerDayPerDestination: null } && ofExtension is null)
            return null;
        // What costs nobody knows how much cannot be limited.
        return OutsideNumber.RateOf(number, home, outside.Rates) is null ? (403, "no-rate", number)
            : conditions.UsedToday.MicroUnits >= limits.MicroUnitsPerDay ? (403, "limit-money-per-day", Money(limits.MicroUnitsPerDay))
            : conditions.UsedTodayByCaller.MicroUnits >= ofExtension ? (403, "limit-extension-money-per-day", Money(ofExtension) + Whose(own.MicroUnitsPerDay))
            : OutsideNumber.DestinationOf(number, home, outside.Rates) is { } destination && conditions.MicroUnitsTodayByDestination.GetValueOrDefault(destination) >= limits.MicroUnitsPerDayPerDestination
                ? (403, "limit-destination-money-per-day", $"{destination} {Money(limits.MicroUnitsPerDayPerDestination)}")
            : null;
    }

    private static (int Status, string Rule, string Value)? OfNumber(string number, string? home, CallLimits limits, bool isForward)
    {
        OutsideNumber known = OutsideNumber.Of(number, home);
        // Who lists what may be called may list the satellites' region, too.
        if ((known.IsPremium || (known.IsSatellite && limits.AllowedCountries is null)) && !limits.AllowPremiumNumbers)
            return (403, "premium-number", number);
        if (limits.AllowedCountries is { } allowed && (known.Country is not { } country || !allowed.Contains(country, StringComparer.Ordinal)))
            return (403, known.Country is null ? "country-unknown" : "country-not-allowed", known.Country ?? number);
        if (isForward && !limits.AllowForwardAbroad && IsAbroad(number, known, home))
            return (403, "forward-abroad", known.Country ?? number);
        // Who says nothing calls at home (infra/decisions/0019-home-country.md). What is left of no country is free for who calls, or was allowed as premium.
        if (limits is { AllowedCountries: null, AllowAllCountries: false } && home is not null && known.Country != home && known.Country != OutsideNumber.NoCountry)
            return known.Country is { } abroad ? (403, "country-not-home", $"{abroad} (home {home}, limits.allowedCountries)") : (403, "country-unknown", number);
        return null;
    }

    /// <summary>Whether a number is in another country, or in a network of none.</summary>
    /// <param name="number">The number, without outside prefix.</param>
    /// <param name="home">The tenant's country at home; null: not known.</param>
    public static bool IsAbroad(string number, string? home) => IsAbroad(number, OutsideNumber.Of(number, home), home);

    // Where nobody knows which country is home, a number with a country's code is abroad.
    private static bool IsAbroad(string number, OutsideNumber known, string? home) =>
        home is not null
            ? known.Country is not null && known.Country != home
            : number.StartsWith('+') || number.StartsWith("00", StringComparison.Ordinal);

    private static bool Reached(int? limit, double now) => limit is { } most && now >= most;

    private static string Whose(long? own) => own is null ? "" : " (its own)";

    private static string Text(int? limit) => limit!.Value.ToString(CultureInfo.InvariantCulture);

    private static string Money(long? limit) => (limit!.Value / 1_000_000m).ToString("0.######", CultureInfo.InvariantCulture);
}
