using CloudPbx.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests.Hosting;

/// <summary>The API on PostgreSQL without EF's query filters: row-level security alone.</summary>
public sealed class UnfilteredPostgresApi : PostgresApi
{
    internal UnfilteredQueries Unfiltered { get; } = new();

    protected override void AddMore(WebApplicationBuilder builder) => builder.Services.ConfigureDbContext<PbxDbContext>(options => options.AddInterceptors(Unfiltered), ServiceLifetime.Singleton);
}
