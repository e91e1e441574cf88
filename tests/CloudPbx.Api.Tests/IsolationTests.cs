using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State.Bindings;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class IsolationOnSqliteTests(SqliteApi api) : IsolationTests(api), IClassFixture<SqliteApi>;

public sealed class IsolationOnPostgresTests(PostgresApi api) : IsolationTests(api), IClassFixture<PostgresApi>;

/// <summary>Two mirrored tenants with the same numbers (S23): B's ids under A's path are not found, and nothing of B shows anywhere under A's.</summary>
public abstract class IsolationTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_tenants_ids_are_not_found_and_its_data_shows_nowhere()
    {
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        (CallId recordOfB, CallId liveOfB) = await FillAsync(b, "canary");
        await FillAsync(a, "own");
        DeviceDto deviceOfB = Assert.Single((await api.GetAsync<Page<DeviceDto>>($"/v1/tenants/{b.Name}/devices")).Items);
        string path = $"/v1/tenants/{a.Name}";
        (HttpMethod Method, string Path, string? Body)[] requests =
        [
            (HttpMethod.Get, $"{path}/devices/{deviceOfB.Id}", null),
            (HttpMethod.Put, $"{path}/devices/{deviceOfB.Id}", """{"extension":"100"}"""),
            (HttpMethod.Post, $"{path}/devices/{deviceOfB.Id}/secret", null),
            (HttpMethod.Post, $"{path}/devices/{deviceOfB.Id}/provisioning", "{}"),
            (HttpMethod.Delete, $"{path}/devices/{deviceOfB.Id}", null),
            (HttpMethod.Get, $"{path}/calls/{recordOfB}", null),
            (HttpMethod.Get, $"{path}/calls/{recordOfB}/ladder", null),
            (HttpMethod.Delete, $"{path}/calls/live/{liveOfB}", null),
            (HttpMethod.Delete, $"{path}/domains/{b.Name}.example", null),
        ];
        foreach ((HttpMethod method, string request, string? body) in requests)
        {
            using HttpResponseMessage response = await api.SendAsync(method, request, body);
            await TestApi.ProblemAsync(response, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        }
        foreach (string list in new[] { "", "/domains", "/extensions", "/devices", "/calls", "/calls/hours", "/calls/live", "/recordings", "/prompts", "/registrations", "/document", "/archive" })
        {
            using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, path + list);
            string text = await response.Content.ReadAsStringAsync(Cancel);
            Assert.True(response.IsSuccessStatusCode, text);
            Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
            Assert.DoesNotContain(b.Name, text, StringComparison.Ordinal);
            Assert.DoesNotContain(b.Id.ToString(), text, StringComparison.Ordinal);
        }
        Assert.Single(api.Door.Calls[b.Id]);
        Assert.Equal(deviceOfB, Assert.Single((await api.GetAsync<Page<DeviceDto>>($"/v1/tenants/{b.Name}/devices")).Items));
    }

    private async Task<(CallId Record, CallId Live)> FillAsync(ApplyReport tenant, string mark)
    {
        CallId record = CallId.New(), live = CallId.New();
        DateTime now = DateTime.UtcNow;
        await api.PublishAsync(
            new CallEnded
            {
                TenantId = tenant.Id,
                CallId = record,
                CallerNumber = "100",
                CallerName = mark,
                CalledNumber = "101",
                Disposition = CallDisposition.NoAnswer,
                StartedAt = now,
                EndedAt = now,
            });
        api.Door.Calls[tenant.Id] = [new LiveCall { CallId = live, CallerNumber = "100", CallerName = mark, CalledNumber = "101", StartedAt = now }];
        await api.Services.GetRequiredService<BindingStore>().SaveAsync(
            tenant.Id,
            1,
            [
                new Binding
                {
                    Extension = "100", DeviceId = DeviceId.New(), AuthUser = "100", ContactUri = $"sip:{mark}@192.0.2.1", CallId = "c", CSeq = 1, ExpiresAt = now.AddHours(1),
                    RegisteredAt = now, FlowToken = mark, Transport = "tls", RemoteAddress = "192.0.2.1:1", UserAgent = $"{mark}\u001b[2J",
                },
            ],
            [],
            Cancel);
        return (record, live);
    }
}
