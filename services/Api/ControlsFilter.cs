namespace CloudPbx.Api;

/// <summary>Refuses addresses with control characters in them: no name and no number has any, and PostgreSQL answers NUL with a fault (S24).</summary>
internal sealed class ControlsFilter : IEndpointFilter
{
    private const string Advice = "Must not contain control characters.";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        Dictionary<string, string[]> wrong = [];
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in http.Request.Query)
            if (values.Any(value => value is not null && value.Any(char.IsControl)))
                wrong[name] = [Advice];
        foreach ((string name, object? value) in http.Request.RouteValues)
            if (value is string text && text.Any(char.IsControl))
                wrong[name] = [Advice];
        return wrong.Count == 0 ? next(context) : ValueTask.FromResult<object?>(Answers.Invalid(wrong));
    }
}
