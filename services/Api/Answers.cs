using CloudPbx.Data;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api;

/// <summary>The problems that more than one resource answers with.</summary>
internal static class Answers
{
    public static ProblemHttpResult NotFound(string detail) =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, type: ProblemTypes.NotFound, title: "Not found.", detail: detail);

    public static ProblemHttpResult NoTenant() => NotFound("There is no such tenant. The path takes its name or its identifier.");

    public static ProblemHttpResult Taken(string path, string detail) => Taken(new Dictionary<string, string[]> { [path] = [detail] });

    public static ProblemHttpResult Taken(IReadOnlyDictionary<string, string[]> errors) =>
        Problem(StatusCodes.Status409Conflict, ProblemTypes.Taken, "Already taken.", errors);

    /// <summary>Something refers to what is to be deleted.</summary>
    public static ProblemHttpResult InUse(string detail) =>
        TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, type: ProblemTypes.InUse, title: "Still in use.", detail: detail);

    /// <summary>It is the platform's or the reseller's; the tenant may use it.</summary>
    public static ProblemHttpResult OfPlatform(string detail) =>
        TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, type: ProblemTypes.OfPlatform, title: "Belongs to your provider.", detail: detail);

    public static ProblemHttpResult Conflict(string detail) =>
        TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, type: ProblemTypes.Conflict, title: "Not possible now.", detail: detail);

    /// <summary>The call is not in a state in which that can be done, or cannot begin.</summary>
    public static ProblemHttpResult CallState(string detail) =>
        TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, type: ProblemTypes.CallState, title: "Not possible with this call now.", detail: detail);

    /// <summary>The tenant's plan has no room for it.</summary>
    public static ProblemHttpResult PlanLimit(string detail) =>
        TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, type: ProblemTypes.PlanLimit, title: "The plan's limit is reached.", detail: detail);

    public static ProblemHttpResult Conflict() => TypedResults.Problem(
        statusCode: StatusCodes.Status409Conflict, type: ProblemTypes.Conflict, title: "Changed by somebody else.", detail: "Read it again, then repeat the change.");

    public static ProblemHttpResult ChangedSinceRead() => TypedResults.Problem(
        statusCode: StatusCodes.Status412PreconditionFailed, type: ProblemTypes.Conflict, title: "Changed since it was read.",
        detail: "The If-Match header names an older state. Read it again, then repeat the change with its ETag.");

    public static ProblemHttpResult LiveStateAway(string detail) => TypedResults.Problem(
        statusCode: StatusCodes.Status503ServiceUnavailable, type: ProblemTypes.LiveStateAway, title: "The live state is away.", detail: detail);

    public static ProblemHttpResult Unauthorized(string detail) =>
        TypedResults.Problem(statusCode: StatusCodes.Status401Unauthorized, type: ProblemTypes.Unauthorized, title: "Not authenticated.", detail: detail);

    /// <summary>The caller may know that it is there, and yet may not do this.</summary>
    public static ProblemHttpResult Forbidden(string detail) =>
        TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden, type: ProblemTypes.Forbidden, title: "Not allowed.", detail: detail);

    public static ProblemHttpResult TooManyRequests() => TypedResults.Problem(
        statusCode: StatusCodes.Status429TooManyRequests, type: ProblemTypes.TooManyRequests, title: "Too many requests.", detail: "Wait as many seconds as Retry-After says, then go on more slowly.");

    public static ProblemHttpResult ServiceAway(string detail) => TypedResults.Problem(
        statusCode: StatusCodes.Status503ServiceUnavailable, type: ProblemTypes.ServiceAway, title: "A part of the platform is away.", detail: detail);

    public static ProblemHttpResult DatabaseAway() => TypedResults.Problem(
        statusCode: StatusCodes.Status503ServiceUnavailable, type: ProblemTypes.DatabaseAway, title: "The database is away.",
        detail: "Nothing was changed. Calls go on; try again in a while.");

    public static ProblemHttpResult Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        Problem(StatusCodes.Status400BadRequest, ProblemTypes.Validation, "The request is not valid.", errors);

    /// <summary>What a refused save means where no unique index has a better story.</summary>
    public static ProblemHttpResult Refused(SaveOutcome outcome) => outcome == SaveOutcome.MissingReference
        ? NotFound("Something that it refers to was deleted at the same time.")
        : Conflict();

    private static ProblemHttpResult Problem(int status, string type, string title, IReadOnlyDictionary<string, string[]> errors) => TypedResults.Problem(
        statusCode: status, type: type, title: title, detail: "See errors: each key is the place in the request, as a JSON path.",
        extensions: new Dictionary<string, object?> { ["errors"] = errors });
}
