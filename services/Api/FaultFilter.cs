using CloudPbx.Data;

namespace CloudPbx.Api;

/// <summary>Answers 503 where the database is away, and 500 with a problem for a bug of ours, which is logged here and only here.</summary>
internal sealed partial class FaultFilter(IDatabaseFaults faults, ILogger<FaultFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (OperationCanceledException) when (context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return Results.StatusCode(StatusCodes.Status499ClientClosedRequest);        // nobody reads it
        }
        catch (Exception fault) when (faults.IsAway(fault))
        {
            LogDatabaseAway(fault.GetBaseException().Message);
            context.HttpContext.Response.Headers.RetryAfter = "2";
            return Answers.DatabaseAway();
        }
        catch (Exception fault)
        {
            LogFault(context.HttpContext.Request.Method, context.HttpContext.GetEndpoint()?.DisplayName, fault);
            return TypedResults.Problem(statusCode: StatusCodes.Status500InternalServerError, title: "A fault of CloudPbx. The log has the details under the trace id.");
        }
    }

    [LoggerMessage(LogLevel.Warning, "The database is away: {Fault}")]
    private partial void LogDatabaseAway(string fault);

    [LoggerMessage(LogLevel.Error, "{Method} {Endpoint} failed")]
    private partial void LogFault(string method, string? endpoint, Exception fault);
}
