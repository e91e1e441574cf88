using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Hosting.Web.Problems;

/// <summary>Problem details (RFC 9457) for every answer that is not a success.</summary>
public static class ProblemExtensions
{
    /// <summary>Adds problem details with a trace id, so that a user can say which request failed.</summary>
    /// <param name="services">The host's services.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddPbxProblemDetails(this IServiceCollection services) => services.AddProblemDetails(options =>
        options.CustomizeProblemDetails = context =>
        {
            context.ProblemDetails.Type ??= ProblemTypes.OfStatus(context.ProblemDetails.Status ?? StatusCodes.Status500InternalServerError);
            context.ProblemDetails.Extensions["traceId"] = Activity.Current?.Id ?? context.HttpContext.TraceIdentifier;
        });
}
