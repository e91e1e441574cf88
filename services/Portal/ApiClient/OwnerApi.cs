using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Portal.ApiClient;

/// <summary>What a tenant, a reseller and the platform have alike: people, programs, webhooks, an audit log. The platform has people and the log alone.</summary>
/// <remarks>Every method throws <see cref="ApiProblemException"/> and nothing else but a cancellation.</remarks>
public class OwnerApi
{
    private readonly PbxApi _api;
    private readonly string _path;

    internal OwnerApi(PbxApi api, string path) => (_api, _path) = (api, path);

    /// <summary>A page of its users, by the name that they sign in by.</summary>
    public Task<Page<UserDto>> UsersAsync(string? after, CancellationToken cancel) => _api.GetAsync<Page<UserDto>>(PbxApi.PageOf($"{_path}/users", after), cancel);

    /// <summary>Lets somebody in; the answer has a link for choosing a password.</summary>
    public Task<UserDto> CreateUserAsync(NewUser wish, CancellationToken cancel) => _api.SendAsync<UserDto>(HttpMethod.Post, $"{_path}/users", wish, cancel);

    /// <summary>Changes somebody.</summary>
    public Task<UserDto> ChangeUserAsync(UserId user, NewUser wish, CancellationToken cancel) => _api.SendAsync<UserDto>(HttpMethod.Put, $"{_path}/users/{user}", wish, cancel);

    /// <summary>Makes a new link for choosing a password, which the answer has.</summary>
    public Task<UserDto> LinkUserAsync(UserId user, CancellationToken cancel) => _api.SendAsync<UserDto>(HttpMethod.Post, $"{_path}/users/{user}/link", null, cancel);

    /// <summary>Ends all that somebody is signed in at.</summary>
    public Task RevokeUserAsync(UserId user, CancellationToken cancel) => _api.SendAsync(HttpMethod.Post, $"{_path}/users/{user}/revoke", null, cancel);

    /// <summary>Shuts somebody out for good.</summary>
    public Task DeleteUserAsync(UserId user, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, $"{_path}/users/{user}", null, cancel);

    /// <summary>The programs that may call the API for it.</summary>
    public async Task<IReadOnlyList<ApiKeyDto>> KeysAsync(CancellationToken cancel) => (await _api.GetAsync<Page<ApiKeyDto>>($"{_path}/keys", cancel)).Items;

    /// <summary>Lets a program in; the answer has its secret.</summary>
    public Task<ApiKeyDto> CreateKeyAsync(NewApiKey wish, CancellationToken cancel) => _api.SendAsync<ApiKeyDto>(HttpMethod.Post, $"{_path}/keys", wish, cancel);

    /// <summary>Shuts a program out.</summary>
    public Task DeleteKeyAsync(string clientId, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, $"{_path}/keys/{Uri.EscapeDataString(clientId)}", null, cancel);

    /// <summary>Where its events are sent to.</summary>
    public async Task<IReadOnlyList<WebhookDto>> WebhooksAsync(CancellationToken cancel) => (await _api.GetAsync<Page<WebhookDto>>($"{_path}/webhooks", cancel)).Items;

    /// <summary>One webhook.</summary>
    public Task<WebhookDto> WebhookAsync(string id, CancellationToken cancel) => _api.GetAsync<WebhookDto>(Webhook(id), cancel);

    /// <summary>Makes a webhook; the answer has its secret.</summary>
    public Task<WebhookDto> CreateWebhookAsync(NewWebhook wish, CancellationToken cancel) => _api.SendAsync<WebhookDto>(HttpMethod.Post, $"{_path}/webhooks", wish, cancel);

    /// <summary>Changes a webhook.</summary>
    public Task<WebhookDto> ChangeWebhookAsync(WebhookId id, NewWebhook wish, CancellationToken cancel) => _api.SendAsync<WebhookDto>(HttpMethod.Put, Webhook($"{id}"), wish, cancel);

    /// <summary>Deletes a webhook with its log.</summary>
    public Task DeleteWebhookAsync(string id, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, Webhook(id), null, cancel);

    /// <summary>Gives a webhook a new secret, which the answer has.</summary>
    public Task<WebhookDto> RotateWebhookAsync(string id, CancellationToken cancel) => _api.SendAsync<WebhookDto>(HttpMethod.Post, $"{Webhook(id)}/secret", null, cancel);

    /// <summary>Sends a test.</summary>
    public Task TestWebhookAsync(string id, CancellationToken cancel) => _api.SendAsync(HttpMethod.Post, $"{Webhook(id)}/test", null, cancel);

    /// <summary>Sends all events since an instant once more.</summary>
    public Task<ReplayedDto> ReplaySinceAsync(string id, DateTime since, CancellationToken cancel) =>
        _api.SendAsync<ReplayedDto>(HttpMethod.Post, $"{Webhook(id)}/replay", new NewReplay { Since = since }, cancel);

    /// <summary>A page of what was sent to a webhook, newest first.</summary>
    public Task<Page<WebhookDeliveryDto>> DeliveriesAsync(string id, string? after, CancellationToken cancel) => _api.GetAsync<Page<WebhookDeliveryDto>>(PbxApi.PageOf($"{Webhook(id)}/deliveries", after, 50), cancel);

    /// <summary>Sends one delivery once more.</summary>
    public Task ReplayDeliveryAsync(string id, string delivery, CancellationToken cancel) =>
        _api.SendAsync(HttpMethod.Post, $"{Webhook(id)}/deliveries/{Uri.EscapeDataString(delivery)}/replay", null, cancel);

    /// <summary>A page of who changed what of it, the newest first.</summary>
    public Task<Page<AuditEntryDto>> AuditAsync(string? after, CancellationToken cancel) => _api.GetAsync<Page<AuditEntryDto>>(PbxApi.PageOf($"{_path}/audit", after), cancel);

    private string Webhook(string id) => $"{_path}/webhooks/{Uri.EscapeDataString(id)}";
}
