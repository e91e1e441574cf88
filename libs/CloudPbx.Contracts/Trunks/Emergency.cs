namespace CloudPbx.Contracts.Trunks;

/// <summary>Emergency numbers.</summary>
public static class Emergency
{
    private static readonly IReadOnlyList<string> s_chinese = ["110", "119", "120", "122"];
    private static readonly IReadOnlyList<string> s_elsewhere = ["112", "911", "999"];

    /// <summary>The emergency numbers of a tenant that names none.</summary>
    /// <param name="language">The tenant's language (BCP 47).</param>
    public static IReadOnlyList<string> DefaultNumbers(string language) => IsChinese(language) ? s_chinese : s_elsewhere;

    /// <summary>Whether a language is Chinese, in whatever script or country.</summary>
    /// <param name="language">The language (BCP 47).</param>
    public static bool IsChinese(string language) =>
        language.StartsWith("zh", StringComparison.OrdinalIgnoreCase) && (language.Length == 2 || language[2] == '-');
}
