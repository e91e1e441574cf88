using System.Collections.Concurrent;
using System.Globalization;
using CloudPbx.Contracts.Trunks;
using PhoneNumbers;

namespace CloudPbx.Data.Trunks;

/// <summary>Emergency numbers: those of some countries by heart, and those that libphonenumber's tables have of any.</summary>
public static class Emergency
{
    private const int ShortestNumber = 2, LongestNumber = 5;

    private static readonly ConcurrentDictionary<string, IReadOnlyList<string>> s_ofTables = new(StringComparer.OrdinalIgnoreCase);

    private static readonly IReadOnlyList<string> s_chinese = ["110", "119", "120", "122"];
    private static readonly IReadOnlyList<string> s_elsewhere = ["112", "911", "999"];

    // What is dialled for help, country by country, and what phones ask for by its name in place of a number. Elsewhere that is the first one of the tenant's numbers.
    private static readonly Dictionary<string, (string General, string Police, string Fire, string Ambulance)> s_countries = new(StringComparer.OrdinalIgnoreCase)
    {
        ["AT"] = ("112", "133", "122", "144"),
        ["AU"] = ("000", "000", "000", "000"),
        ["CA"] = ("911", "911", "911", "911"),
        ["CH"] = ("112", "117", "118", "144"),
        ["CN"] = ("110", "110", "119", "120"),
        ["DE"] = ("112", "110", "112", "112"),
        ["ES"] = ("112", "091", "080", "061"),
        ["FR"] = ("112", "17", "18", "15"),
        ["GB"] = ("999", "999", "999", "999"),
        ["HK"] = ("999", "999", "999", "999"),
        ["JP"] = ("110", "110", "119", "119"),
        ["KR"] = ("112", "112", "119", "119"),
        ["MO"] = ("999", "999", "999", "999"),
        ["NZ"] = ("111", "111", "111", "111"),
        ["SG"] = ("999", "999", "995", "995"),
        ["TW"] = ("110", "110", "119", "119"),
        ["US"] = ("911", "911", "911", "911"),
    };

    /// <summary>The emergency numbers of a tenant that names none: its country's, and what people dial who do not know the country.</summary>
    /// <param name="language">The tenant's language (BCP 47).</param>
    /// <param name="country">Its country (ISO 3166-1); <see langword="null"/>: unknown.</param>
    public static IReadOnlyList<string> DefaultNumbers(string language, string? country = null)
    {
        IReadOnlyList<string> usual = IsChinese(language) ? s_chinese : s_elsewhere;
        return country is null ? usual : [.. ByHeart(country).Concat(OfTables(country)).Concat(usual).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>What dials a tenant's emergency numbers: each by itself and behind the outside prefix. Workers route by it, edges know by it what no ban stops (SECURITY.md S36).</summary>
    /// <param name="outside">How the tenant calls outside.</param>
    /// <param name="home">Its country, see <see cref="HomeCountry"/>; <see langword="null"/>: unknown.</param>
    /// <param name="language">The tenant's language (BCP 47).</param>
    /// <param name="isTaken">Whether something of the tenant's has that number: it keeps it from those that the tables alone know, 100 of India for example, so that whoever sets a country loses no extension; absent: nothing has.</param>
    /// <returns>What is dialled → the number that is called.</returns>
    public static IReadOnlyDictionary<string, string> Dialled(OutsideCalling outside, string? home, string language, Predicate<string>? isTaken = null)
    {
        ArgumentNullException.ThrowIfNull(outside);
        Dictionary<string, string> dialled = new(StringComparer.Ordinal);
        HashSet<string> sure = [.. outside.EmergencyNumbers ?? DefaultNumbers(language).Concat(ByHeart(home))];
        foreach (string number in outside.EmergencyNumbers ?? DefaultNumbers(language, home))
        {
            foreach (string way in (string[])[number, outside.OutsidePrefix + number])
                if (sure.Contains(number) || isTaken?.Invoke(way) != true)
                    dialled.TryAdd(way, number);
        }
        return dialled;
    }

    /// <summary>The number that is called for an emergency service (RFC 5031 §4.2).</summary>
    /// <param name="service">The service: <c>urn:service:sos</c>, <c>urn:service:sos.fire</c> …, in small letters.</param>
    /// <param name="outside">How the tenant calls outside. Where it names its numbers, it is one of them, the first if none is the country's.</param>
    /// <param name="home">Its country, see <see cref="HomeCountry"/>: that one's number for the service is called, or for emergencies in general; <see langword="null"/>: unknown.</param>
    /// <param name="language">The tenant's language (BCP 47).</param>
    /// <returns>The number, or <see langword="null"/> where the tenant has none at all.</returns>
    public static string? NumberFor(string service, OutsideCalling outside, string? home, string language)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(outside);
        string country = home ?? (IsChinese(language) ? "CN" : "");
        (string General, string Police, string Fire, string Ambulance)? numbers = s_countries.TryGetValue(country, out var known) ? known : null;
        string? wanted = numbers is not { } of ? null : (service.Split('.') is [_, var kind, ..] ? kind : "") switch
        {
            "police" => of.Police,
            "fire" => of.Fire,
            "ambulance" => of.Ambulance,
            _ => of.General,
        };
        if (outside.EmergencyNumbers is not { } own)
            return wanted ?? GeneralOfTables(country) ?? DefaultNumbers(language)[0];
        return wanted is not null && own.Contains(wanted) ? wanted
            : numbers is { General: var general } && own.Contains(general) ? general
            : own.Count > 0 ? own[0] : null;
    }

    private static IReadOnlyList<string> ByHeart(string? country) =>
        country is not null && s_countries.TryGetValue(country, out (string General, string Police, string Fire, string Ambulance) of)
            ? [of.General, of.Police, of.Fire, of.Ambulance, .. IsChina(country) ? s_chinese : []] : [];

    // The tables tell whether a number is one, and have no list: each that could be is asked about, once a country.
    private static IReadOnlyList<string> OfTables(string country) => s_ofTables.GetOrAdd(country, static country =>
    {
        ShortNumberInfo tables = ShortNumberInfo.GetInstance();
        string region = country.ToUpperInvariant();
        List<string> numbers = [];
        for ((int length, int end) = (ShortestNumber, 100); length <= LongestNumber; length++, end *= 10)
        {
            string format = $"D{length}";
            for (int number = 0; number < end; number++)
                if (number.ToString(format, CultureInfo.InvariantCulture) is var digits && tables.IsEmergencyNumber(digits, region))
                    numbers.Add(digits);
        }
        return numbers;
    });

    private static string? GeneralOfTables(string country)
    {
        IReadOnlyList<string> numbers = OfTables(country);
        return s_elsewhere.FirstOrDefault(numbers.Contains) ?? (numbers.Count > 0 ? numbers[0] : null);
    }

    private static bool IsChina(string country) => country.Equals("CN", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a language is Chinese, in whatever script or country.</summary>
    /// <param name="language">The language (BCP 47).</param>
    public static bool IsChinese(string language) =>
        language.StartsWith("zh", StringComparison.OrdinalIgnoreCase) && (language.Length == 2 || language[2] == '-');
}
