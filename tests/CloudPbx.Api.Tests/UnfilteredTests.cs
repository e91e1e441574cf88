using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Api.Tests.Webhooks;
using CloudPbx.Contracts.Api;
using CloudPbx.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

/// <summary>The suites of two tenants once more with the query filters switched off (S23): row-level security alone must hold.</summary>
public sealed class UnfilteredIsolationTests(UnfilteredPostgresApi api) : IsolationTests(api), IClassFixture<UnfilteredPostgresApi>
{
    [Fact]
    public async Task The_filters_really_are_off()
    {
        ApplyReport a = await api.CreateTenantAsync("a");
        await using PbxDbContext db = api.Services.GetRequiredService<IPbxDatabase>().OpenTenant(a.Id);
        Assert.DoesNotContain("WHERE", db.Extensions.Select(e => e.Number).ToQueryString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["100"], await db.Extensions.Select(e => e.Number).ToListAsync(TestContext.Current.CancellationToken));
        Assert.True(api.Unfiltered.Queries > 0);
    }
}

/// <inheritdoc cref="UnfilteredIsolationTests"/>
public sealed class UnfilteredAccessTests(UnfilteredPostgresApi api) : AccessTests(api), IClassFixture<UnfilteredPostgresApi>;

/// <inheritdoc cref="UnfilteredIsolationTests"/>
public sealed class UnfilteredRouteIsolationTests(UnfilteredPostgresApi api) : RouteIsolationTests(api), IClassFixture<UnfilteredPostgresApi>;

/// <inheritdoc cref="UnfilteredIsolationTests"/>
public sealed class UnfilteredEventTests(UnfilteredPostgresApi api) : EventTests(api), IClassFixture<UnfilteredPostgresApi>;

/// <inheritdoc cref="UnfilteredIsolationTests"/>
public sealed class UnfilteredWebhookTests(UnfilteredPostgresApi api) : WebhookTests(api), IClassFixture<UnfilteredPostgresApi>;

/// <inheritdoc cref="UnfilteredIsolationTests"/>
public sealed class UnfilteredLiveTests(UnfilteredPostgresApi api) : LiveTests(api), IClassFixture<UnfilteredPostgresApi>;
