using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api;

/// <summary>Puts what an endpoint or a filter refuses into the caller's language. It stands outside of all others, and again within the one that keeps answers, whose results nobody can look into.</summary>
internal sealed class LanguageFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        object? answer = await next(context);
        object? told = answer;
        while (told is INestedHttpResult nested)
            told = nested.Result;
        if (told is ProblemHttpResult problem)
            CallersLanguage.Apply(context.HttpContext, problem.ProblemDetails);
        if (told is not (Ok<BulkReport> or Ok<ImportReport>) || !CallersLanguage.IsChinese(context.HttpContext.Request))
            return answer;
        // A report has sentences in its rows.
        return told switch
        {
            Ok<BulkReport> { Value: { Refused: > 0 } report } => TypedResults.Ok(report with { Rows = [.. report.Rows.Select(row => row.Errors is { } errors ? row with { Errors = CallersLanguage.Say(errors) } : row)] }),
            Ok<ImportReport> { Value: { } report } => TypedResults.Ok(report with { Rows = [.. report.Rows.Select(row => row with { Note = ApiSentences.In(ApiSentences.Chinese, row.Note) })] }),
            _ => answer,
        };
    }
}
