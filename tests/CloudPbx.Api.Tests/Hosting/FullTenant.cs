using System.Net;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Grains;
using CloudPbx.State.Bindings;
using CloudPbx.State.Tenants;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests.Hosting;

/// <summary>A tenant with something of everything: rows in each table, keys in Redis, objects in the store. Its mark stands in every name that it gives.</summary>
internal sealed class FullTenant
{
    private static int s_made;

    private readonly TestApi _api;

    private FullTenant(TestApi api, ApplyReport tenant, string mark) => (_api, Tenant, Mark) = (api, tenant, mark);

    public ApplyReport Tenant { get; }

    public string Mark { get; }

    /// <summary>What it has, by the parameter of the path that names it; <c>number</c> and <c>name</c> by their resource, too.</summary>
    public Dictionary<string, string> Names { get; } = [];

    private string Root => $"/v1/tenants/{Tenant.Name}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Makes one.</summary>
    /// <param name="api">The API.</param>
    /// <param name="prefix">What its name begins with.</param>
    /// <param name="mark">What stands in its names.</param>
    public static async Task<FullTenant> MakeAsync(TestApi api, string prefix, string mark)
    {
        FullTenant full = new(api, await api.CreateTenantAsync(prefix), mark);
        await full.ConfigureAsync();
        await full.LiveAsync();
        return full;
    }

    private async Task ConfigureAsync()
    {
        byte[] octets = Tenant.Id.Value.ToByteArray();
        string unique = $"{Math.Abs(Tenant.Id.GetHashCode()) % 1_000_000_000:D9}", own = $"7{Interlocked.Increment(ref s_made) % 1000:D3}";
        await PostAsync("/profiles", $$"""{"name":"{{Mark}}-habits","basedOn":"telnyx","changes":{"fromUser":"{{Mark}}" } }""");
        await PostAsync("/trunks", $$"""{"name":"{{Mark}}-sbc","kind":"ip","profile":"{{Mark}}-habits","server":{"host":"sbc.example"},"sources":["10.{{octets[15]}}.{{octets[14]}}.0/24"]}""");
        await PostAsync("/routes", $$"""{"name":"{{Mark}}-all","trunks":[{"trunk":"{{Mark}}-sbc"}]}""");
        await PostAsync("/numbers", $$"""{"number":"+49{{unique}}","trunk":"{{Mark}}-sbc"}""");
        await PostAsync("/conferences", $$"""{"number":"{{own}}1","name":"{{Mark}}"}""");
        await PostAsync("/extensions", $$"""{"number":"{{own}}","displayName":"{{Mark}}"}""");
        WebhookDto hook = await _api.PostAsync<WebhookDto>($"{Root}/webhooks", $$"""{"name":"{{Mark}}","url":"http://127.0.0.1:9/hook"}""");
        UserDto user = await _api.PostAsync<UserDto>($"{Root}/users", $$"""{"email":"u{{unique}}@example.com","displayName":"{{Mark}}","role":"administrator"}""");
        ApiKeyDto key = await _api.PostAsync<ApiKeyDto>($"{Root}/keys", $$"""{"name":"{{Mark}}"}""");
        await PutAsync("/outside", """{"outsidePrefix":"9"}""");
        string issuer = _api.Issuers.Add($"https://login.{Tenant.Name}.example");
        await PutAsync("/sign-in-provider", $$"""{"issuer":"{{issuer}}","clientId":"pbx","clientSecret":"secret","mailDomain":"{{Tenant.Name}}.example"}""");
        await PutAsync("/branding", $$"""{"name":"{{Mark}}"}""");
        using (HttpClient administrator = _api.As(await TestTokens.Of(_api).AdministratorAsync(Tenant.Id)))
        using (HttpResponseMessage claimed = await administrator.PostAsync(new Uri($"{Root}/domains", UriKind.Relative), new StringContent($$"""{"name":"{{Tenant.Name}}.test"}"""), Cancel))
            Assert.Equal(HttpStatusCode.Created, claimed.StatusCode);
        using (HttpResponseMessage sound = await _api.SendContentAsync(HttpMethod.Put, $"{Root}/prompts/{Mark}-jazz", new ByteArrayContent(FakeDecoder.Wave(1, 2, 3, 4))))
            Assert.Equal(HttpStatusCode.Created, sound.StatusCode);
        DeviceDto device = (await _api.GetAsync<Page<DeviceDto>>($"{Root}/devices")).Items[0];
        await _api.PostAsync<ProvisioningLinkDto>($"{Root}/devices/{device.Id}/provisioning", "{}");
        using HttpResponseMessage tested = await _api.SendAsync(HttpMethod.Post, $"{Root}/webhooks/{hook.Id}/test");
        Assert.True(tested.IsSuccessStatusCode);
        foreach ((string name, string value) in new[]
        {
            ("profile", $"{Mark}-habits"), ("trunk", $"{Mark}-sbc"), ("route", $"{Mark}-all"), ("numbers.number", $"+49{unique}"), ("conferences.number", $"{own}1"), ("extensions.number", own), ("webhook", hook.Id.ToString()), ("user", user.Id.ToString()),
            ("key", key.ClientId), ("domain", $"{Tenant.Name}.example"), ("prompts.name", $"{Mark}-jazz"), ("device", device.Id.ToString()),
            ("delivery", (await _api.GetAsync<Page<WebhookDeliveryDto>>($"{Root}/webhooks/{hook.Id}/deliveries")).Items[0].Id.ToString()),
        })
            Names[name] = value;
    }

    private async Task LiveAsync()
    {
        CallId ended = CallId.New(), live = CallId.New(), supervision = CallId.New();
        RecordingId recording = RecordingId.New();
        DateTime now = DateTime.UtcNow;
        await _api.Services.GetRequiredService<IBlobStore>().PutAsync(BlobPath.Recording(Tenant.Id, recording), new MemoryStream([1, 2, 3]), Cancel);
        await _api.PublishAsync(
            new CallEnded
            {
                TenantId = Tenant.Id, CallId = ended, CallerNumber = "100", CallerName = Mark, CalledNumber = "101", Disposition = CallDisposition.Answered, StartedAt = now, EndedAt = now,
                // The audio of the second never comes, so that it is waited for.
                Recordings = [new CallRecording { Id = recording, StartedAt = now, SealedKey = [1] }, new CallRecording { Id = RecordingId.New(), StartedAt = now, SealedKey = [1] }],
            });
        LiveCall call = new() { CallId = live, CallerNumber = "100", CallerName = Mark, CalledNumber = "101", StartedAt = now };
        _api.Door.Calls[Tenant.Id] = [call, call with { CallId = supervision, CalledNumber = "supervision", Supervises = live, Supervision = SupervisionMode.Listen }];
        await _api.Services.GetRequiredService<BindingStore>().SaveAsync(
            Tenant.Id, 1,
            [
                new Binding
                {
                    Extension = "100", DeviceId = DeviceId.New(), AuthUser = "100", ContactUri = $"sip:{Mark}@192.0.2.1", CallId = "c", CSeq = 1, ExpiresAt = now.AddHours(1), RegisteredAt = now, FlowToken = "f", Transport = "tls",
                    RemoteAddress = "192.0.2.1:1", UserAgent = Mark,
                },
            ],
            [], Cancel);
        await _api.Services.GetRequiredService<TenantSnapshotStore>().SaveAsync(Tenant.Id, new TenantSnapshot(1, new byte[] { 1 }), Cancel);
        (Names["calls.call"], Names["live.call"], Names["supervision"], Names["recording"]) = (ended.ToString(), live.ToString(), supervision.ToString(), recording.ToString());
    }

    private async Task PostAsync(string path, string json)
    {
        using HttpResponseMessage response = await _api.SendAsync(HttpMethod.Post, Root + path, json);
        Assert.True(response.StatusCode == HttpStatusCode.Created, $"{path}: {await response.Content.ReadAsStringAsync(Cancel)}");
    }

    private async Task PutAsync(string path, string json)
    {
        using HttpResponseMessage response = await _api.SendAsync(HttpMethod.Put, Root + path, json);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {await response.Content.ReadAsStringAsync(Cancel)}");
    }
}
