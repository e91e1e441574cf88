using System.Net;
using CloudPbx.Api.Plans;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class StorageLimitOnSqliteTests(SqliteApi api) : StorageLimitTests(api), IClassFixture<SqliteApi>;

public sealed class StorageLimitOnPostgresTests(PostgresApi api) : StorageLimitTests(api), IClassFixture<PostgresApi>;

/// <summary>A plan's storage and minutes.</summary>
public abstract class StorageLimitTests(TestApi api)
{
    private const long Mebibyte = 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tenant_whose_storage_is_full_begins_no_recording_until_some_are_deleted()
    {
        ApplyReport full = await api.CreateTenantAsync("full"), twin = await api.CreateTenantAsync("twin");
        StorageWatch watch = api.Services.GetRequiredService<StorageWatch>();
        RecordingId recording = await RecordAsync(full, (3 * Mebibyte) - 100);
        await RecordAsync(twin, 5 * Mebibyte);
        TenantPlanDto plan = await LimitAsync(full, """{"maxStorageMegabytes":3}""");
        Assert.Equal((3, 3L, false), (plan.MaxStorageMegabytes, plan.StorageMegabytes, plan.StorageFull));
        await watch.LookAsync(Cancel);
        Assert.False((await ConfigurationAsync(full)).StorageFull);

        await RecordAsync(full, 200);
        await watch.LookAsync(Cancel);
        Assert.True((await ConfigurationAsync(full)).StorageFull);
        Assert.False((await ConfigurationAsync(twin)).StorageFull);
        EventDto told = Assert.Single((await api.GetAsync<Page<EventDto>>($"/v1/tenants/{full.Name}/events?type={EventTypes.LimitReached}")).Items);
        Assert.Equal("limit-storage", told.Data.GetProperty("limit").GetString());
        await watch.LookAsync(Cancel);                            // told once
        Assert.Single((await api.GetAsync<Page<EventDto>>($"/v1/tenants/{full.Name}/events?type={EventTypes.LimitReached}")).Items);

        using HttpResponseMessage sound = await api.SendContentAsync(HttpMethod.Put, $"/v1/tenants/{full.Name}/prompts/jazz", new ByteArrayContent(FakeDecoder.Wave(1, 2, 3, 4)));
        await TestApi.ProblemAsync(sound, HttpStatusCode.Conflict, ProblemTypes.PlanLimit);

        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{full.Name}/recordings/{recording}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await watch.LookAsync(Cancel);
        Assert.False((await ConfigurationAsync(full)).StorageFull);
        Assert.Equal(200, (await api.GetAsync<UsageDto>($"/v1/tenants/{full.Name}/usage")).StorageOctets);
    }

    [Fact]
    public async Task A_plans_storage_and_minutes_are_its_tenants_and_a_larger_plan_acts_at_once()
    {
        ApplyReport tenant = await api.CreateTenantAsync("grows");
        string small = $"small-{Guid.NewGuid():N}"[..20], large = $"large-{Guid.NewGuid():N}"[..20];
        using HttpResponseMessage one = await api.SendAsync(HttpMethod.Put, $"/v1/plans/{small}", """{"maxStorageMegabytes":1,"outsideMinutesPerDay":60,"maxChannels":2}""");
        using HttpResponseMessage two = await api.SendAsync(HttpMethod.Put, $"/v1/plans/{large}", """{"maxStorageMegabytes":100,"outsideMinutesPerDay":600}""");
        Assert.Equal((1, 60), (await TestApi.ReadAsync<PlanDto>(one)) is var made ? (made.MaxStorageMegabytes, made.OutsideMinutesPerDay) : default);
        await RecordAsync(tenant, 2 * Mebibyte);
        Assert.True((await LimitAsync(tenant, $$"""{"plan":"{{small}}"}""")).StorageFull);
        Assert.Equal((60, 2), (await api.GetAsync<CallLimits>($"/v1/tenants/{tenant.Name}/limits")) is var limits ? (limits.OutsideMinutesPerDay, limits.MaxChannels) : default);
        Assert.False((await LimitAsync(tenant, $$"""{"plan":"{{large}}"}""")).StorageFull);
        Assert.Equal((600, 2), (await api.GetAsync<CallLimits>($"/v1/tenants/{tenant.Name}/limits")) is var now ? (now.OutsideMinutesPerDay, now.MaxChannels) : default);
        Assert.True(two.IsSuccessStatusCode);
    }

    private async Task<TenantPlanDto> LimitAsync(ApplyReport tenant, string json)
    {
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/plan", json);
        return await TestApi.ReadAsync<TenantPlanDto>(response);
    }

    private async Task<RecordingId> RecordAsync(ApplyReport tenant, long octets)
    {
        RecordingId recording = RecordingId.New();
        DateTime now = DateTime.UtcNow;
        await api.PublishAsync(new CallEnded
        {
            TenantId = tenant.Id, CallId = CallId.New(), CallerNumber = "100", CalledNumber = "101", Disposition = CallDisposition.Answered, StartedAt = now, EndedAt = now,
            Recordings = [new CallRecording { Id = recording, StartedAt = now, SealedKey = [1], Length = octets }],
        });
        return recording;
    }

    private async Task<TenantConfiguration> ConfigurationAsync(ApplyReport tenant) => (await api.Services.GetRequiredService<ITenantConfigurationSource>().LoadAsync(tenant.Id, Cancel)).Configuration!;
}
