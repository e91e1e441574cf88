namespace CloudPbx.Contracts.Trunks;

/// <summary>Emergency numbers.</summary>
public static class Emergency
{
    private static readonly IReadOnlyList<string> s_chinese = ["110", "119", "120", "122"];
    private static readonly IReadOnlyList<string> s_elsewhere = ["112", "911", "999"];

    /// <summary>The emergency numbers of a tenant that names none.</summary>
    /// <param name="language">The tenant's language (BCP 47).</param>
    public static IReadOnlyList<string> DefaultNumbers(string language) => IsChinese(language) ? s_chinese : s_elsewhere;

    /// <summary>What dials a tenant's emergency numbers: each by itself and behind the outside prefix. Workers route by it, edges know by it what no ban stops (SECURITY.md S36).</summary>
    /// <param name="outside">How the tenant calls outside.</param>
    /// <param name="language">The tenant's language (BCP 47).</param>
    /// <returns>What is dialled → the number that is called.</returns>
    public static IReadOnlyDictionary<string, string> Dialled(OutsideCalling outside, string language)
    {
        ArgumentNullException.ThrowIfNull(outside);
        Dictionary<string, string> dialled = new(StringComparer.Ordinal);
        foreach (string number in outside.EmergencyNumbers ?? DefaultNumbers(language))
        {
            dialled.TryAdd(number, number);
            dialled.TryAdd(outside.OutsidePrefix + number, number);
        }
        return dialled;
    }

    /// <summary>Whether a language is Chinese, in whatever script or country.</summary>
    /// <param name="language">The language (BCP 47).</param>
    public static bool IsChinese(string language) =>
        language.StartsWith("zh", StringComparison.OrdinalIgnoreCase) && (language.Length == 2 || language[2] == '-');
}
