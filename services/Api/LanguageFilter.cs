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
        // A report has a problem in each row that was refused.
        return told is Ok<BulkReport> { Value: { Refused: > 0 } report } && CallersLanguage.IsChinese(context.HttpContext.Request)
            ? TypedResults.Ok(report with { Rows = [.. report.Rows.Select(row => row.Errors is { } errors ? row with { Errors = CallersLanguage.Say(errors) } : row)] })
            : answer;
    }
}
