using CloudPbx.Contracts.Api;

namespace CloudPbx.Portal.ApiClient;

/// <summary>What the API has of one reseller.</summary>
/// <remarks>Every method throws <see cref="ApiProblemException"/> and nothing else but a cancellation.</remarks>
public sealed class ResellerApi : OwnerApi
{
    private readonly PbxApi _api;
    private readonly string _path;

    internal ResellerApi(PbxApi api, string path)
        : base(api, path) => (_api, _path) = (api, path);

    /// <summary>The reseller.</summary>
    public Task<Versioned<ResellerDto>> GetAsync(CancellationToken cancel) => _api.GetVersionedAsync<ResellerDto>(_path, cancel);

    /// <summary>Changes it.</summary>
    public Task<ResellerDto> ChangeAsync(NewReseller wish, string? etag, CancellationToken cancel) => _api.SendAsync<ResellerDto>(HttpMethod.Put, _path, wish, cancel, etag);

    /// <summary>Deletes it; it must have no tenants.</summary>
    public Task DeleteAsync(CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, _path, null, cancel);

    /// <summary>What its tenants used in a month.</summary>
    /// <param name="month">As <c>2026-11</c>.</param>
    /// <param name="cancel">Stops the wait.</param>
    public async Task<IReadOnlyList<UsageDto>> UsageAsync(string month, CancellationToken cancel) => (await _api.GetAsync<Page<UsageDto>>($"{_path}/usage?month={Uri.EscapeDataString(month)}", cancel)).Items;
}
