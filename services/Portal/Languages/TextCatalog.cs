using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace CloudPbx.Portal.Languages;

/// <summary>All texts of one language. The files are beside this one; a test keeps them equally complete.</summary>
internal sealed class TextCatalog
{
    public const string English = "en", Chinese = "zh";

    private static readonly TextCatalog s_english = Load(English), s_chinese = Load(Chinese);

    private readonly FrozenDictionary<string, string> _texts;

    private TextCatalog(string language, FrozenDictionary<string, string> texts) => (Language, _texts) = (language, texts);

    /// <summary>The languages that there are, each by its tag and its own name.</summary>
    public static IReadOnlyList<(string Tag, string Name)> Languages { get; } = [(English, "English"), (Chinese, "中文")];

    public string Language { get; }

    public IEnumerable<string> Keys => _texts.Keys;

    public static TextCatalog Of(CultureInfo culture) => culture.TwoLetterISOLanguageName == Chinese ? s_chinese : s_english;

    public static TextCatalog Of(string language) => language == Chinese ? s_chinese : s_english;

    public string? Find(string key) => _texts.GetValueOrDefault(key);

    private static TextCatalog Load(string language)
    {
        using Stream file = typeof(TextCatalog).Assembly.GetManifestResourceStream($"CloudPbx.Portal.Languages.{language}.json")!;
        return new TextCatalog(language, JsonSerializer.Deserialize<Dictionary<string, string>>(file)!.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
