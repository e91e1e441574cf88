using System.Net.ServerSentEvents;
using System.Text.Json;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Grains;
using CloudPbx.Grains.Live;
using CloudPbx.State.Presence;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class LiveOnSqliteTests(SqliteApi api) : LiveTests(api), IClassFixture<SqliteApi>;

/// <summary>Live state by server-sent events; the runtimes behind it are the test's.</summary>
public abstract class LiveTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_gets_everything_first_and_then_what_changes()
    {
        TenantId tenant = (await api.CreateTenantAsync("live")).Id;
        api.Door.Live[tenant] = Everything(7, 3);
        await using Stream stream = await OpenAsync(tenant);
        await using IAsyncEnumerator<SseItem<string>> events = Read(stream);
        LiveSnapshotDto snapshot = await NextAsync<LiveSnapshotDto>(events, "snapshot");
        Assert.Equal([("100", ExtensionState.Offline)], snapshot.Extensions.Select(extension => (extension.Number, extension.State)));

        var call = CallId.New();
        await SayAsync(tenant, Change(7, 4) with
        {
            Extensions = [Extension(ExtensionState.Calling)],
            Calls = [new LiveCall { CallId = call, CallerNumber = "100", CalledNumber = "101", StartedAt = DateTime.UtcNow }],
        });
        Assert.Equal(ExtensionState.Calling, (await NextAsync<LiveExtensionDto>(events, "extension")).State);
        Assert.Equal((call, "101"), await NextAsync<LiveCallDto>(events, "call") is var told ? (told.Id, told.CalledNumber) : default);
        await SayAsync(tenant, Change(7, 5) with { Ended = [call] });
        Assert.Equal(call, (await NextAsync<EndedCallDto>(events, "callEnded")).Id);
    }

    [Fact]
    public async Task Where_something_was_missed_everything_is_told_again()
    {
        TenantId tenant = (await api.CreateTenantAsync("gap")).Id;
        api.Door.Live[tenant] = Everything(7, 3);
        await using Stream stream = await OpenAsync(tenant);
        await using IAsyncEnumerator<SseItem<string>> events = Read(stream);
        await NextAsync<LiveSnapshotDto>(events, "snapshot");
        api.Door.Live[tenant] = Everything(7, 9, ExtensionState.Talking);
        await SayAsync(tenant, Change(7, 9));
        Assert.Equal(ExtensionState.Talking, Assert.Single((await NextAsync<LiveSnapshotDto>(events, "snapshot")).Extensions).State);
    }

    [Fact]
    public async Task After_a_takeover_the_new_owner_is_asked_and_the_old_one_not_believed()
    {
        TenantId tenant = (await api.CreateTenantAsync("move")).Id;
        api.Door.Live[tenant] = Everything(7, 3);
        await using Stream stream = await OpenAsync(tenant);
        await using IAsyncEnumerator<SseItem<string>> events = Read(stream);
        await NextAsync<LiveSnapshotDto>(events, "snapshot");
        api.Door.Live[tenant] = Everything(8, 2, ExtensionState.Idle);
        await SayAsync(tenant, Change(8, 2));
        Assert.Equal(ExtensionState.Idle, Assert.Single((await NextAsync<LiveSnapshotDto>(events, "snapshot")).Extensions).State);
        await SayAsync(tenant, Change(7, 4) with { Extensions = [Extension(ExtensionState.Offline)] });
        await SayAsync(tenant, Change(8, 3) with { Extensions = [Extension(ExtensionState.Ringing)] });
        Assert.Equal(ExtensionState.Ringing, (await NextAsync<LiveExtensionDto>(events, "extension")).State);
    }

    [Fact]
    public async Task Two_clients_see_the_same_and_two_tenants_their_own()
    {
        TenantId tenant = (await api.CreateTenantAsync("own")).Id, other = (await api.CreateTenantAsync("other")).Id;
        api.Door.Live[tenant] = Everything(7, 3);
        api.Door.Live[other] = Everything(7, 3);
        await using Stream one = await OpenAsync(tenant), two = await OpenAsync(tenant), strange = await OpenAsync(other);
        await using IAsyncEnumerator<SseItem<string>> ofOne = Read(one), ofTwo = Read(two), ofOther = Read(strange);
        foreach (IAsyncEnumerator<SseItem<string>> events in new[] { ofOne, ofTwo, ofOther })
            await NextAsync<LiveSnapshotDto>(events, "snapshot");
        await SayAsync(tenant, Change(7, 4) with { Extensions = [Extension(ExtensionState.Idle) with { Name = "canary" }] });
        await SayAsync(other, Change(7, 4) with { Extensions = [Extension(ExtensionState.Ringing)] });
        Assert.Equal("canary", (await NextAsync<LiveExtensionDto>(ofOne, "extension")).Name);
        Assert.Equal("canary", (await NextAsync<LiveExtensionDto>(ofTwo, "extension")).Name);
        Assert.Equal("Alice", (await NextAsync<LiveExtensionDto>(ofOther, "extension")).Name);
    }

    [Fact]
    public async Task A_client_that_comes_before_the_worker_waits_for_it()
    {
        TenantId tenant = (await api.CreateTenantAsync("wait")).Id;
        await using Stream stream = await OpenAsync(tenant);
        await using IAsyncEnumerator<SseItem<string>> events = Read(stream);
        api.Door.Live[tenant] = Everything(7, 3);
        await NextAsync<LiveSnapshotDto>(events, "snapshot");
    }

    [Fact]
    public async Task Who_wants_so_is_not_told_of_those_who_are_offline_until_they_change()
    {
        TenantId tenant = (await api.CreateTenantAsync("online")).Id;
        api.Door.Live[tenant] = Change(7, 3) with { Extensions = [Extension(ExtensionState.Offline), Extension(ExtensionState.Idle) with { Number = "101" }] };
        await using Stream stream = await api.Client.GetStreamAsync(new Uri($"/v1/tenants/{tenant}/live?offline=false", UriKind.Relative), Cancel);
        await using IAsyncEnumerator<SseItem<string>> events = Read(stream);
        Assert.Equal("101", Assert.Single((await NextAsync<LiveSnapshotDto>(events, "snapshot")).Extensions).Number);
        await SayAsync(tenant, Change(7, 4) with { Extensions = [Extension(ExtensionState.Offline) with { Number = "101" }] });
        Assert.Equal(ExtensionState.Offline, (await NextAsync<LiveExtensionDto>(events, "extension")).State);
        using HttpResponseMessage odd = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant}/live?offline=perhaps");
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, odd.StatusCode);
    }

    private static LiveExtension Extension(ExtensionState state) => new() { Number = "100", Name = "Alice", State = state };

    private static LiveChange Everything(long epoch, long sequence, ExtensionState state = ExtensionState.Offline) => Change(epoch, sequence) with { Extensions = [Extension(state)] };

    private static LiveChange Change(long epoch, long sequence) => new() { Epoch = epoch, Sequence = sequence };

    private Task SayAsync(TenantId tenant, LiveChange change) => api.Services.GetRequiredService<LiveChannel>().PublishAsync(tenant, change.ToBytes());

    private async Task<Stream> OpenAsync(TenantId tenant) => await api.Client.GetStreamAsync(new Uri($"/v1/tenants/{tenant}/live", UriKind.Relative), Cancel);

    private static IAsyncEnumerator<SseItem<string>> Read(Stream stream) => SseParser.Create(stream).EnumerateAsync(Cancel).GetAsyncEnumerator(Cancel);

    private static async Task<T> NextAsync<T>(IAsyncEnumerator<SseItem<string>> events, string type)
    {
        do
            Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancel));
        while (events.Current.EventType == "ping");
        Assert.Equal(type, events.Current.EventType);
        return JsonSerializer.Deserialize<T>(events.Current.Data, JsonSerializerOptions.Web)!;
    }
}
