using CloudPbx.Contracts.Trunks;
using PhoneNumbers;

namespace CloudPbx.Data.Trunks;

/// <summary>The country at home: that of numbers which are dialled without one, and whose emergency numbers people dial (infra/decisions/0019-home-country.md). Workers, edges' directory and API say it by this alone.</summary>
public static class HomeCountry
{
    private const int SharedByAmerica = 1;

    private static readonly PhoneNumberUtil s_numbers = PhoneNumberUtil.GetInstance();

    /// <summary>Tells a tenant's.</summary>
    /// <param name="outside">How it calls outside: its country, else that of the number it shows.</param>
    /// <param name="numbers">Its telephone numbers (E.164 with <c>+</c>): where those settings say nothing, the country that all of them are in.</param>
    /// <returns>The country (ISO 3166-1), or <see langword="null"/> where nobody knows.</returns>
    public static string? Of(OutsideCalling outside, IEnumerable<string> numbers)
    {
        ArgumentNullException.ThrowIfNull(outside);
        ArgumentNullException.ThrowIfNull(numbers);
        if ((outside.Country ?? (outside.CallerNumber is { } shown ? CountryOf(shown) : null)) is { } said)
            return said;
        string? shared = null;
        foreach (string number in numbers)
        {
            if (CountryOf(number) is not { } country)
                continue;
            if (shared is not null && shared != country)
                return null;
            shared = country;
        }
        return shared;
    }

    // Null, too, for what tells of no country: satellites, international freephone numbers, and those that the countries of +1 have in common.
    private static string? CountryOf(string number)
    {
        try
        {
            PhoneNumbers.PhoneNumber parsed = s_numbers.Parse(number, "ZZ");
            if (parsed.CountryCode == SharedByAmerica && s_numbers.GetNumberType(parsed) == PhoneNumberType.TOLL_FREE)
                return null;
            string region = s_numbers.GetRegionCodeForNumber(parsed) is { Length: 2 } exact and not "ZZ" ? exact : s_numbers.GetRegionCodeForCountryCode(parsed.CountryCode);
            return region is "ZZ" or "001" ? null : region;
        }
        catch (NumberParseException)
        {
            return null;
        }
    }
}
