using System.Net;
using System.Text.Json;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Api.Webhooks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Webhooks;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StandardWebhooks.Diagnostics;

namespace CloudPbx.Api.Tests.Webhooks;

public sealed class WebhooksOnSqliteTests(SqliteApi api) : WebhookTests(api), IClassFixture<SqliteApi>;

public sealed class WebhooksOnPostgresTests(PostgresApi api) : WebhookTests(api), IClassFixture<PostgresApi>;

/// <summary>Webhooks as receivers see them, on a real socket, verified by another's library.</summary>
public abstract class WebhookTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private WebhookQueue Queue => api.Services.GetRequiredService<WebhookQueue>();

    [Fact]
    public async Task S23_two_tenants_with_the_same_numbers_get_their_own_calls_signed_with_their_own_secrets()
    {
        ApplyReport a = await api.CreateTenantAsync("hooka"), b = await api.CreateTenantAsync("hookb");
        await using TestReceiver atA = await TestReceiver.StartAsync(Cancel), atB = await TestReceiver.StartAsync(Cancel);
        WebhookDto hookA = await CreateAsync(a, atA, EventTypes.CallStarted, EventTypes.CallEnded), hookB = await CreateAsync(b, atB, EventTypes.CallEnded);
        Assert.StartsWith("whsec_", hookA.Secret, StringComparison.Ordinal);
        Assert.Null((await api.GetAsync<WebhookDto>($"/v1/tenants/{a.Name}/webhooks/{hookA.Id}")).Secret);
        CallId callA = await CallAsync(a, "of a"), callB = await CallAsync(b, "canary");

        ReceivedHook began = await atA.NextAsync(Cancel), ended = await atA.NextAsync(Cancel), ofB = await atB.NextAsync(Cancel);
        Assert.Equal(["call.started", "call.ended"], new[] { began, ended }.Select(hook => hook.Json.GetProperty("type").GetString()));
        Assert.Equal(callA.ToString(), ended.Data.GetProperty("callId").GetString());
        Assert.Equal(("100", "101", "noAnswer"), (Text(ended, "caller"), Text(ended, "called"), Text(ended, "disposition")));
        Assert.Equal((a.Id.ToString(), a.Name), (ended.Json.GetProperty("tenantId").GetString(), ended.Json.GetProperty("tenantName").GetString()));
        Assert.Equal(callB.ToString(), ofB.Data.GetProperty("callId").GetString());
        Assert.DoesNotContain("canary", began.Body + ended.Body, StringComparison.Ordinal);
        began.Verify(hookA.Secret!);
        ended.Verify(hookA.Secret!);
        ofB.Verify(hookB.Secret!);
        Assert.Throws<WebhookVerificationException>(() => ended.Verify(hookB.Secret!));
        Assert.False(atA.HasMore || atB.HasMore);
    }

    [Fact]
    public async Task A_new_secret_signs_beside_the_old_one_for_a_while()
    {
        ApplyReport tenant = await api.CreateTenantAsync("hookrotate");
        await using TestReceiver receiver = await TestReceiver.StartAsync(Cancel);
        WebhookDto hook = await CreateAsync(tenant, receiver);
        WebhookDto renewed = await PostAsync<WebhookDto>($"{PathOf(tenant, hook)}/secret");
        Assert.NotEqual(hook.Secret, renewed.Secret);
        await PostAsync<WebhookDeliveryDto>($"{PathOf(tenant, hook)}/test");
        ReceivedHook test = await receiver.NextAsync(Cancel);
        Assert.Equal("webhook.test", test.Json.GetProperty("type").GetString());
        test.Verify(hook.Secret!);
        test.Verify(renewed.Secret!);
    }

    [Fact]
    public async Task What_fails_stands_in_the_log_with_its_status_and_is_sent_again_with_its_identifier_when_asked_for()
    {
        ApplyReport tenant = await api.CreateTenantAsync("hookfails");
        await using TestReceiver receiver = await TestReceiver.StartAsync(Cancel);
        receiver.Answer = HttpStatusCode.InternalServerError;
        WebhookDto hook = await CreateAsync(tenant, receiver, EventTypes.ExtensionCreated);
        await api.PostAsync<ExtensionDto>($"/v1/tenants/{tenant.Name}/extensions", """{"number":"150","displayName":"New"}""");
        ReceivedHook first = await receiver.NextAsync(Cancel);
        WebhookDeliveryDto failed = await DeliveryAsync(tenant, hook, delivery => delivery.Attempts == 1);
        Assert.Equal((DeliveryState.Pending, 500, "The receiver answered 500."), (failed.State, failed.Status, failed.Error));
        Assert.NotNull(failed.Milliseconds);
        Assert.True(failed.NextAttemptAt > failed.LastAttemptAt);
        Assert.Equal("150", failed.Payload.GetProperty("data").GetProperty("number").GetString());

        receiver.Answer = HttpStatusCode.OK;
        await PostAsync<WebhookDeliveryDto>($"{PathOf(tenant, hook)}/deliveries/{failed.Id}/replay");
        ReceivedHook again = await receiver.NextAsync(Cancel);
        Assert.Equal((first.Id, first.Body), (again.Id, again.Body));
        WebhookDeliveryDto taken = await DeliveryAsync(tenant, hook, delivery => delivery.State == DeliveryState.Delivered);
        Assert.Equal(200, taken.Status);
        Assert.Null((await api.GetAsync<WebhookDto>(PathOf(tenant, hook))).FailingSince);
    }

    [Fact]
    public async Task A_receiver_that_is_gone_for_good_is_switched_off_says_why_and_begins_anew_when_switched_on()
    {
        ApplyReport tenant = await api.CreateTenantAsync("hookgone");
        await using TestReceiver receiver = await TestReceiver.StartAsync(Cancel);
        receiver.Answer = HttpStatusCode.Gone;
        WebhookDto hook = await CreateAsync(tenant, receiver, EventTypes.CallEnded);
        await CallAsync(tenant, "first");
        await receiver.NextAsync(Cancel);
        await DeliveryAsync(tenant, hook, delivery => delivery.Attempts == 1);
        WebhookDto off = await api.GetAsync<WebhookDto>(PathOf(tenant, hook));
        Assert.Equal((false, "The receiver answered 410: it is gone."), (off.Enabled, off.DisabledReason));
        using HttpResponseMessage test = await api.SendAsync(HttpMethod.Post, $"{PathOf(tenant, hook)}/test");
        await TestApi.ProblemAsync(test, HttpStatusCode.Conflict, ProblemTypes.Conflict);

        await CallAsync(tenant, "while it is off");
        receiver.Answer = HttpStatusCode.OK;
        using HttpResponseMessage on = await api.SendAsync(HttpMethod.Put, PathOf(tenant, hook), Wish(receiver, [EventTypes.CallEnded]));
        Assert.Null((await TestApi.ReadAsync<WebhookDto>(on)).DisabledReason);
        CallId last = await CallAsync(tenant, "last");
        for (ReceivedHook next; (next = await receiver.NextAsync(EventTypes.CallEnded, Cancel)).Data.GetProperty("callId").GetString() != last.ToString();)
            Assert.NotEqual("while it is off", Text(next, "callerName"));
    }

    [Fact]
    public async Task A_reseller_gets_the_events_of_its_tenants_and_of_no_others()
    {
        string name = $"r-{Guid.NewGuid():N}"[..20];
        ResellerDto reseller = await api.PostAsync<ResellerDto>("/v1/resellers", $$"""{"name":"{{name}}"}""");
        string token = await TestTokens.Of(api).ResellerAsync(reseller.Id);
        await using TestReceiver receiver = await TestReceiver.StartAsync(Cancel);
        HttpClient client = api.As(token);
        using HttpResponseMessage made = await client.PostAsync(new Uri($"/v1/resellers/{name}/webhooks", UriKind.Relative), new StringContent(Wish(receiver, [EventTypes.CallEnded])), Cancel);
        WebhookDto hook = await TestApi.ReadAsync<WebhookDto>(made);
        string own = $"t-{Guid.NewGuid():N}"[..20];
        using HttpResponseMessage created = await client.PutAsync(new Uri($"/v1/tenants/{own}/document", UriKind.Relative), new StringContent(TestApi.Document(own)), Cancel);
        ApplyReport mine = await TestApi.ReadAsync<ApplyReport>(created), other = await api.CreateTenantAsync("notmine");
        await CallAsync(other, "canary");
        CallId call = await CallAsync(mine, "mine");
        ReceivedHook ended = await receiver.NextAsync(Cancel);
        ended.Verify(hook.Secret!);
        Assert.Equal((own, call.ToString()), (ended.Json.GetProperty("tenantName").GetString(), ended.Data.GetProperty("callId").GetString()));
        Assert.False(receiver.HasMore);
        string stranger = await TestTokens.Of(api).ResellerAsync((await api.PostAsync<ResellerDto>("/v1/resellers", $$"""{"name":"s{{name}}"}""")).Id);
        using HttpResponseMessage refused = await api.As(stranger).GetAsync(new Uri($"/v1/resellers/{name}/webhooks/{hook.Id}", UriKind.Relative), Cancel);
        await TestApi.ProblemAsync(refused, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task Another_tenants_webhook_is_not_found()
    {
        ApplyReport a = await api.CreateTenantAsync("hookown"), b = await api.CreateTenantAsync("hookother");
        await using TestReceiver receiver = await TestReceiver.StartAsync(Cancel);
        WebhookDto ofB = await CreateAsync(b, receiver);
        string path = $"/v1/tenants/{a.Name}/webhooks/{ofB.Id}";
        (HttpMethod Method, string Path, string? Body)[] requests =
        [
            (HttpMethod.Get, path, null), (HttpMethod.Put, path, Wish(receiver, [])), (HttpMethod.Delete, path, null), (HttpMethod.Post, $"{path}/secret", null), (HttpMethod.Post, $"{path}/test", null),
            (HttpMethod.Post, $"{path}/replay", """{"since":"2026-01-01T00:00:00Z"}"""), (HttpMethod.Get, $"{path}/deliveries", null), (HttpMethod.Post, $"{path}/deliveries/{Guid.NewGuid():N}/replay", null),
        ];
        foreach ((HttpMethod method, string request, string? body) in requests)
        {
            using HttpResponseMessage response = await api.SendAsync(method, request, body);
            await TestApi.ProblemAsync(response, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        }
        Assert.Empty((await api.GetAsync<Page<WebhookDto>>($"/v1/tenants/{a.Name}/webhooks")).Items);
        Assert.Single((await api.GetAsync<Page<WebhookDto>>($"/v1/tenants/{b.Name}/webhooks")).Items);
    }

    [Fact]
    public async Task Several_senders_at_once_send_each_event_once()
    {
        ApplyReport tenant = await api.CreateTenantAsync("hookmany");
        await using TestReceiver receiver = await TestReceiver.StartAsync(Cancel);
        await CreateAsync(tenant, receiver, EventTypes.CallEnded);
        using WebhookDispatcher one = Dispatcher(), other = Dispatcher();
        CallId[] calls = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => CallAsync(tenant, $"{i}")));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task[] senders = [SendAsync(one), SendAsync(other)];
        List<string> received = [];
        while (received.Count < calls.Length)
            received.Add(Text(await receiver.NextAsync(Cancel), "callId")!);
        await enough.CancelAsync();
        await Task.WhenAll(senders);
        Assert.Equal(calls.Select(call => call.ToString()).Order(), received.Order());
        Assert.False(receiver.HasMore);

        async Task SendAsync(WebhookDispatcher sender)
        {
            while (!enough.IsCancellationRequested)
                await sender.RoundAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_sender_that_died_is_made_up_for_and_one_that_was_held_up_writes_nothing()
    {
        ApplyReport tenant = await api.CreateTenantAsync("hooklease");
        await using TestReceiver receiver = await TestReceiver.StartAsync(Cancel);
        WebhookDto hook = await CreateAsync(tenant, receiver, EventTypes.CallEnded);
        Guid dead = Guid.NewGuid(), next = Guid.NewGuid();
        DateTime now = DateTime.UtcNow;
        GlobalWebhook? taken = null;
        while (taken is null)                                     // the API's own sender may have it for a moment
            taken = await Queue.TakeAsync(hook.Id, dead, now = DateTime.UtcNow, now.AddMinutes(1), Cancel);
        Assert.Null(await Queue.TakeAsync(hook.Id, next, now, now.AddMinutes(1), Cancel));
        await CallAsync(tenant, "held up");
        Assert.False(await Queue.PutUpAsync(taken, dead, now, Cancel));
        GlobalWebhookDelivery delivery = Assert.Single(await Queue.NextAsync(taken, now.AddMinutes(1), 10, Cancel));
        Assert.NotNull(await Queue.TakeAsync(hook.Id, next, now.AddMinutes(2), now.AddMinutes(3), Cancel));
        delivery.Attempts = 99;
        Assert.False(await Queue.TriedAsync(taken, delivery, dead, Cancel));
        await Queue.ReturnAsync(hook.Id, next, Cancel);
        await receiver.NextAsync(EventTypes.CallEnded, Cancel);
        Assert.Equal(1, (await DeliveryAsync(tenant, hook, sent => sent.State == DeliveryState.Delivered)).Attempts);
    }

    [Fact]
    public async Task All_since_an_instant_is_sent_once_more()
    {
        ApplyReport tenant = await api.CreateTenantAsync("hookreplay");
        await CallAsync(tenant, "before there was a webhook");
        await using TestReceiver receiver = await TestReceiver.StartAsync(Cancel);
        WebhookDto hook = await CreateAsync(tenant, receiver, EventTypes.CallEnded);
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, $"{PathOf(tenant, hook)}/replay", """{"since":"2026-01-01T00:00:00Z"}""");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(1, (await TestApi.ReadAsync<ReplayedDto>(response)).Events);
        ReceivedHook ended = await receiver.NextAsync(Cancel);
        Assert.Equal("before there was a webhook", Text(ended, "callerName"));
        using HttpResponseMessage wrong = await api.SendAsync(HttpMethod.Post, $"{PathOf(tenant, hook)}/replay", """{"since":"yesterday"}""");
        Assert.Equal(["$.since"], (await TestApi.ErrorsAsync(wrong, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    [Fact]
    public async Task S27_a_redirect_is_not_followed()
    {
        ApplyReport tenant = await api.CreateTenantAsync("hookredirect");
        await using TestReceiver receiver = await TestReceiver.StartAsync(Cancel), inside = await TestReceiver.StartAsync(Cancel);
        (receiver.Answer, receiver.Location) = (HttpStatusCode.TemporaryRedirect, inside.Url);
        WebhookDto hook = await CreateAsync(tenant, receiver);
        await PostAsync<WebhookDeliveryDto>($"{PathOf(tenant, hook)}/test");
        await receiver.NextAsync(Cancel);
        WebhookDeliveryDto sent = await DeliveryAsync(tenant, hook, delivery => delivery.Attempts == 1);
        Assert.Equal((307, "The receiver answered 307: redirects are not followed."), (sent.Status, sent.Error));
        Assert.False(inside.HasMore);
    }

    [Theory]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://10.0.0.7/")]
    [InlineData("https://[::ffff:10.0.0.7]/")]
    [InlineData("https://[fd00::1]/")]
    [InlineData("https://0x0a000007/")]
    [InlineData("https://user:password@example.com/")]
    [InlineData("ftp://example.com/")]
    [InlineData("/hook")]
    public async Task S27_a_target_inside_the_network_or_of_another_kind_is_refused(string url)
    {
        ApplyReport tenant = await api.CreateTenantAsync("hookinside");
        using HttpResponseMessage response = await api.SendAsync(
            HttpMethod.Post, $"/v1/tenants/{tenant.Name}/webhooks", JsonSerializer.Serialize(new { name = "inside", url, types = new[] { "call.ended", "call.exploded" } }));
        Assert.Equal(["$.types[1]", "$.url"], (await TestApi.ErrorsAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys.Order());
    }

    private WebhookDispatcher Dispatcher() => new(
        Queue, api.Services.GetRequiredService<WebhookSender>(), api.Services.GetRequiredService<IOptions<WebhookOptions>>(), TimeProvider.System, NullLogger<WebhookDispatcher>.Instance);

    private static string Wish(TestReceiver receiver, string[] types) => JsonSerializer.Serialize(new { name = "crm", url = receiver.Url, types });

    private static string PathOf(ApplyReport tenant, WebhookDto hook) => $"/v1/tenants/{tenant.Name}/webhooks/{hook.Id}";

    private static string? Text(ReceivedHook hook, string member) => hook.Data.GetProperty(member).GetString();

    private Task<WebhookDto> CreateAsync(ApplyReport tenant, TestReceiver receiver, params string[] types) =>
        api.PostAsync<WebhookDto>($"/v1/tenants/{tenant.Name}/webhooks", Wish(receiver, types));

    private async Task<T> PostAsync<T>(string path)
    {
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, path);
        return await TestApi.ReadAsync<T>(response);
    }

    /// <summary>The first delivery that is as it should be, once it is.</summary>
    private async Task<WebhookDeliveryDto> DeliveryAsync(ApplyReport tenant, WebhookDto hook, Func<WebhookDeliveryDto, bool> isIt)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            deadline.Token.ThrowIfCancellationRequested();
            if ((await api.GetAsync<Page<WebhookDeliveryDto>>($"{PathOf(tenant, hook)}/deliveries")).Items.FirstOrDefault(isIt) is { } found)
                return found;
        }
    }

    private async Task<CallId> CallAsync(ApplyReport tenant, string callerName)
    {
        CallId call = CallId.New();
        DateTime now = DateTime.UtcNow;
        await api.PublishAsync(
            new CallEnded
            {
                TenantId = tenant.Id, CallId = call, CallerNumber = "100", CallerName = callerName, CalledNumber = "101", Disposition = CallDisposition.NoAnswer, StartedAt = now, EndedAt = now,
            });
        return call;
    }
}
