using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CloudPbx.Hosting;

/// <summary>Writes a health report as JSON: the status, and of each check its status and sentence. Exceptions stay in the log.</summary>
internal static class HealthPage
{
    public static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(
        new
        {
            status = report.Status.ToString(),
            checks = report.Entries.ToDictionary(e => e.Key, e => new { status = e.Value.Status.ToString(), description = e.Value.Description }),
        },
        context.RequestAborted);
}
