using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CloudPbx.Hosting.Web.Problems;

/// <summary>The API's English sentences in the other languages: the API speaks its caller's, the portal its visitor's. In the files <c>{0}</c> stands for whatever the API puts there.</summary>
public static class ApiSentences
{
    /// <summary>The language besides English.</summary>
    public const string Chinese = "zh";

    private static readonly Lazy<Translation> s_chinese = new(() => Translation.Load(Chinese));

    /// <summary>A sentence in a language; the English one where nobody has translated it.</summary>
    /// <param name="language">The language (BCP 47).</param>
    /// <param name="sentence">The English sentence.</param>
    public static string In(string language, string sentence) => Find(language, sentence) ?? sentence;

    /// <summary>A sentence in a language, or <see langword="null"/>.</summary>
    /// <param name="language">The language (BCP 47).</param>
    /// <param name="sentence">The English sentence.</param>
    public static string? Find(string language, string sentence) => language == Chinese ? s_chinese.Value.Find(sentence) : sentence;

    /// <summary>The English sentences that are known.</summary>
    internal static IEnumerable<string> Known => s_chinese.Value.Known;

    private sealed class Translation
    {
        private readonly FrozenDictionary<string, string> _exact;
        private readonly (Regex Pattern, string Text)[] _patterns;

        private Translation(Dictionary<string, string> texts)
        {
            _exact = texts.ToFrozenDictionary(StringComparer.Ordinal);
            _patterns =
            [
                .. texts.Where(text => text.Key.Contains("{0}", StringComparison.Ordinal)).Select(text => (
                    new Regex($@"\A{Regex.Escape(text.Key).Replace(@"\{0}", "(?<v0>.*?)", StringComparison.Ordinal).Replace(@"\{1}", "(?<v1>.*?)", StringComparison.Ordinal)}\z", RegexOptions.Singleline, TimeSpan.FromMilliseconds(50)), text.Value)),
            ];
        }

        public IEnumerable<string> Known => _exact.Keys;

        public static Translation Load(string language)
        {
            using Stream file = typeof(ApiSentences).Assembly.GetManifestResourceStream($"CloudPbx.Hosting.Web.Problems.api-sentences-{language}.json")!;
            return new Translation(JsonSerializer.Deserialize<Dictionary<string, string>>(file)!);
        }

        public string? Find(string sentence)
        {
            if (_exact.TryGetValue(sentence, out string? text))
                return text;
            try
            {
                foreach ((Regex pattern, string template) in _patterns)
                {
                    if (pattern.Match(sentence) is { Success: true } match)
                        return template.Replace("{0}", match.Groups["v0"].Value, StringComparison.Ordinal).Replace("{1}", match.Groups["v1"].Value, StringComparison.Ordinal);
                }
            }
            catch (RegexMatchTimeoutException)
            {
                // a sentence that is far too long: it stays English
            }
            return null;
        }
    }
}
