using CloudPbx.Hosting.Web.Problems;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Languages;

namespace CloudPbx.Portal.Components;

/// <summary>What is wrong in a form, by field: sentences beside the fields, in the user's language. Nothing typed is lost.</summary>
public sealed class FormErrors
{
    private readonly Dictionary<string, string> _byField = new(StringComparer.Ordinal);

    /// <summary>What is wrong with the whole, or <see langword="null"/>.</summary>
    public string? General { get; private set; }

    /// <summary>Whether anything is wrong.</summary>
    public bool Any => General is not null || _byField.Count > 0;

    /// <summary>What is wrong with a field, or <see langword="null"/>.</summary>
    /// <param name="field">Its place in the request: <c>number</c>, <c>accounts[0].user</c>.</param>
    public string? this[string field] => _byField.GetValueOrDefault(field);

    /// <summary>Whether something is wrong with a field.</summary>
    /// <param name="field">Its place in the request.</param>
    public bool Has(string field) => _byField.ContainsKey(field);

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _byField.Clear();
        General = null;
    }

    /// <summary>Notes what is wrong with a field.</summary>
    /// <param name="field">Its place in the request.</param>
    /// <param name="sentence">What to do.</param>
    public void Add(string field, string sentence) => _byField.TryAdd(field, sentence);

    /// <summary>Says what is wrong with the whole.</summary>
    /// <param name="sentence">What to do.</param>
    public void Refuse(string sentence)
    {
        Clear();
        General = sentence;
    }

    /// <summary>Takes what the API says.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="texts">The words.</param>
    /// <param name="shown">The fields that the form has; what is wrong elsewhere is said of the whole.</param>
    public void Take(ApiProblem problem, Texts texts, params string[] shown)
    {
        Clear();
        List<string> others = [];
        foreach ((string path, string[] sentences) in problem.Errors)
        {
            string field = path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;
            string said = string.Join(" ", sentences.Select(sentence => ApiSentences.In(texts.Language, sentence)));
            if (shown.Length == 0 || Array.Exists(shown, name => name == field || (name.EndsWith('*') && field.StartsWith(name[..^1], StringComparison.Ordinal))))
                Add(field, said);
            else
                others.Add(field is "$" or "" ? said : $"{field}: {said}");
        }
        General = others.Count > 0 ? string.Join(" ", others) : problem.Errors.Count == 0 ? Problems.Sentence(texts, problem) : null;
    }
}
