using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CloudPbx.Hosting.Web.Problems;

/// <summary>Says what is wrong in the language that the caller asks for (RFC 9110 §12.5.4), where somebody has translated it; a problem's type, status and places are the same in all.</summary>
public static class CallersLanguage
{
    private const string Errors = "errors";

    /// <summary>Whether the caller understands Chinese better than English. Who asks for no language gets English.</summary>
    /// <param name="request">The caller's request.</param>
    public static bool IsChinese(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        string? best = request.GetTypedHeaders().AcceptLanguage.OrderByDescending(language => language.Quality ?? 1).Select(language => language.Value.Value ?? "")
            .FirstOrDefault(language => Speaks(language, ApiSentences.Chinese) || Speaks(language, "en"));
        return best is not null && Speaks(best, ApiSentences.Chinese);
    }

    /// <summary>Puts a problem into the caller's language.</summary>
    /// <param name="http">The caller's request, and the answer that will be written.</param>
    /// <param name="problem">The problem, in English.</param>
    public static void Apply(HttpContext http, ProblemDetails problem)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(problem);
        if (!IsChinese(http.Request))
            return;
        problem.Title = Say(problem.Title);
        problem.Detail = Say(problem.Detail);
        if (problem.Extensions.TryGetValue(Errors, out object? errors) && errors is IReadOnlyDictionary<string, string[]> sentences)
            problem.Extensions[Errors] = Say(sentences);
        http.Response.Headers.ContentLanguage = ApiSentences.Chinese;
    }

    /// <summary>The same sentences in Chinese, each under its place.</summary>
    /// <param name="errors">The sentences, in English.</param>
    public static IReadOnlyDictionary<string, string[]> Say(IReadOnlyDictionary<string, string[]> errors) => errors.ToDictionary(error => error.Key, error => error.Value.Select(sentence => Say(sentence)!).ToArray());

    private static string? Say(string? sentence) => sentence is null ? null : ApiSentences.In(ApiSentences.Chinese, sentence);

    private static bool Speaks(string language, string primary) => language.Equals(primary, StringComparison.OrdinalIgnoreCase) || language.StartsWith(primary + "-", StringComparison.OrdinalIgnoreCase);
}
