using CloudPbx.Hosting.Web.Problems;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Languages;

namespace CloudPbx.Portal.Components;

/// <summary>The API's problems in words.</summary>
internal static class Problems
{
    /// <summary>A sentence that says what to do.</summary>
    public static string Sentence(Texts texts, ApiProblem problem)
    {
        if (problem.Errors.Count > 0)
            return string.Join(" ", problem.Errors.Values.SelectMany(sentences => sentences).Select(sentence => ApiSentences.In(texts.Language, sentence)));
        string known = texts.Find($"problem.{problem.Kind}") ?? texts["problem.other", problem.TraceId ?? "–"];
        // The API's own detail is more precise; where it cannot be said in the language it stays away.
        return problem.Detail is { } detail && problem.Kind is "not-found" or "in-use" or "of-platform" or "taken" or "call-state" && ApiSentences.Find(texts.Language, problem.Detail!) is { } said ? said : known;
    }
}
