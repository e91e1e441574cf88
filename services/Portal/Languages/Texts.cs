using System.Globalization;

namespace CloudPbx.Portal.Languages;

/// <summary>The portal's words in the language of whoever reads them.</summary>
public sealed class Texts
{
    private readonly TextCatalog _catalog = TextCatalog.Of(CultureInfo.CurrentUICulture);

    /// <summary>The language's tag, as a page's <c>lang</c>.</summary>
    public string Language => _catalog.Language;

    /// <summary>A text.</summary>
    /// <param name="key">Its name.</param>
    public string this[string key] => _catalog.Find(key) ?? key;

    /// <summary>A text with values in it.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="values">What stands for <c>{0}</c>, <c>{1}</c> …</param>
    public string this[string key, params object?[] values] => string.Format(CultureInfo.CurrentCulture, this[key], values);

    /// <summary>A text if there is one.</summary>
    /// <param name="key">Its name.</param>
    public string? Find(string key) => _catalog.Find(key);

    /// <summary>A number of things: <c>KEY.one</c> or <c>KEY.other</c>.</summary>
    /// <param name="key">The texts' name.</param>
    /// <param name="count">How many.</param>
    public string Count(string key, long count) => string.Format(CultureInfo.CurrentCulture, this[count == 1 ? key + ".one" : key + ".other"], count);
}
