using System.Collections.Concurrent;
using CloudPbx.Contracts.Trunks;
using PhoneNumbers;

namespace CloudPbx.CallControl.Routing;

/// <summary>What is known of a number outside: its country, its form in E.164, what a minute to it costs. By the tables of libphonenumber.</summary>
/// <param name="E164">The number with plus and country code; null where that cannot be told.</param>
/// <param name="Country">Its country (ISO 3166-1), <see cref="NoCountry"/> for satellite and other networks that belong to none; null where it cannot be told.</param>
/// <param name="IsPremium">Whether its callers pay a share to who is called.</param>
/// <param name="IsSatellite">Whether it is in a network of no country for whose calls the caller pays, satellites above all: what fraud calls, and seldom anybody else.</param>
internal sealed record OutsideNumber(string? E164, string? Country, bool IsPremium, bool IsSatellite = false)
{
    /// <summary>The region of numbers that belong to no country: satellites, international premium services.</summary>
    public const string NoCountry = "001";

    private const int MostKnown = 10_000;                         // some two megabytes

    private static readonly PhoneNumberUtil s_numbers = PhoneNumberUtil.GetInstance();

    // To tell costs some fifty microseconds (the tables are regular expressions), each call asks several times, and offices call the same numbers again and again.
    private static readonly ConcurrentDictionary<(string Number, string? Home), OutsideNumber> s_known = new();

    /// <summary>Tells of a number.</summary>
    /// <param name="number">The number as it is dialled, without outside prefix.</param>
    /// <param name="home">The country of numbers that are dialled without one; null: not known.</param>
    /// <remarks>Thread-safe.</remarks>
    public static OutsideNumber Of(string number, string? home)
    {
        if (s_known.TryGetValue((number, home), out OutsideNumber? known))
            return known;
        if (s_known.Count >= MostKnown)
            s_known.Clear();
        return s_known[(number, home)] = Tell(number, home);
    }

    private static OutsideNumber Tell(string number, string? home)
    {
        try
        {
            PhoneNumber parsed = s_numbers.Parse(number, home ?? "ZZ");
            // No number of a country begins with 00, and carriers take it for the plus also where people dial 011 or 010 for it.
            if (number.StartsWith("00", StringComparison.Ordinal) && !s_numbers.IsValidNumber(parsed))
                parsed = s_numbers.Parse(string.Concat("+", number.AsSpan(2)), "ZZ");
            PhoneNumberType type = s_numbers.GetNumberType(parsed);
            string region = IsOfHome(parsed, type, home) ? home!
                : s_numbers.GetRegionCodeForNumber(parsed) is { Length: > 0 } exact and not "ZZ" ? exact : s_numbers.GetRegionCodeForCountryCode(parsed.CountryCode);
            string country = region is "ZZ" ? NoCountry : region;
            return new OutsideNumber(
                s_numbers.Format(parsed, PhoneNumberFormat.E164), country, type is PhoneNumberType.PREMIUM_RATE,
                country == NoCountry && type is not (PhoneNumberType.TOLL_FREE or PhoneNumberType.SHARED_COST));
        }
        catch (NumberParseException)
        {
            // A service number of the country, 10086 for example, is too short to be a subscriber's.
            return new OutsideNumber(null, number.StartsWith('+') || number.StartsWith("00", StringComparison.Ordinal) ? null : home, false);
        }
    }

    // Where countries share a code (+1, +7, +44) the tables give the largest of them whatever is nobody's alone: freephone numbers, and those without an area code.
    private static bool IsOfHome(PhoneNumber number, PhoneNumberType type, string? home) =>
        home is not null && number.CountryCode == s_numbers.GetCountryCodeForRegion(home)
        && (type == PhoneNumberType.TOLL_FREE || s_numbers.IsPossibleNumberWithReason(number) is PhoneNumberUtil.ValidationResult.TOO_SHORT or PhoneNumberUtil.ValidationResult.IS_POSSIBLE_LOCAL_ONLY);

    /// <summary>What money limits call a destination: a number's country, else the prefix of its rate; null where nobody knows either. Not each rate's prefix: a country has many, and fraud would try one after the other.</summary>
    public static string? DestinationOf(string number, string? home, IReadOnlyList<CallRate> rates) => Of(number, home).Country ?? RateOf(number, home, rates)?.Prefix;

    /// <summary>What a minute costs; null where no rate fits.</summary>
    public static CallRate? RateOf(string number, string? home, IReadOnlyList<CallRate> rates)
    {
        if (rates.Count == 0)
            return null;
        string known = Of(number, home).E164 ?? number;
        return rates.Where(rate => known.StartsWith(rate.Prefix, StringComparison.Ordinal)).MaxBy(rate => rate.Prefix.Length);
    }
}
