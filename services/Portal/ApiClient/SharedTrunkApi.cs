using CloudPbx.Contracts.Api;

namespace CloudPbx.Portal.ApiClient;

/// <summary>What the API has of the shared trunks of the platform or of one reseller, and of their numbers.</summary>
/// <remarks>Every method throws <see cref="ApiProblemException"/> and nothing else but a cancellation.</remarks>
public sealed class SharedTrunkApi
{
    private readonly PbxApi _api;
    private readonly string _path;

    internal SharedTrunkApi(PbxApi api, string path) => (_api, _path) = (api, path);

    /// <summary>A page of the trunks, by name.</summary>
    public Task<Page<TrunkDto>> ListAsync(string? after, CancellationToken cancel) => _api.GetAsync<Page<TrunkDto>>(PbxApi.PageOf($"{_path}/trunks", after), cancel);

    /// <summary>One of them.</summary>
    public Task<TrunkDto> GetAsync(string name, CancellationToken cancel) => _api.GetAsync<TrunkDto>(Trunk(name), cancel);

    /// <summary>How they stand now.</summary>
    public async Task<IReadOnlyList<SharedTrunkStatusDto>> StatusAsync(CancellationToken cancel) => (await _api.GetAsync<Page<SharedTrunkStatusDto>>($"{_path}/trunks-status", cancel)).Items;

    /// <summary>Makes one.</summary>
    public Task<TrunkDto> CreateAsync(PlatformTrunkDocument wish, CancellationToken cancel) => _api.SendAsync<TrunkDto>(HttpMethod.Post, $"{_path}/trunks", wish, cancel);

    /// <summary>Changes one.</summary>
    public Task<TrunkDto> ChangeAsync(string name, PlatformTrunkDocument wish, CancellationToken cancel) => _api.SendAsync<TrunkDto>(HttpMethod.Put, Trunk(name), wish, cancel);

    /// <summary>Deletes one that no tenant uses.</summary>
    public Task DeleteAsync(string name, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, Trunk(name), null, cancel);

    /// <summary>A page of the inventory of numbers.</summary>
    public Task<Page<InventoryNumberDto>> NumbersAsync(string? after, CancellationToken cancel) => _api.GetAsync<Page<InventoryNumberDto>>(PbxApi.PageOf($"{_path}/numbers", after), cancel);

    /// <summary>One of them, with the state that <see cref="ChangeNumberAsync"/> may insist on.</summary>
    public Task<Versioned<InventoryNumberDto>> NumberAsync(string number, CancellationToken cancel) => _api.GetVersionedAsync<InventoryNumberDto>(Number(number), cancel);

    /// <summary>Adds a number to the inventory.</summary>
    public Task<InventoryNumberDto> AddNumberAsync(InventoryNumberDto number, CancellationToken cancel) => _api.SendAsync<InventoryNumberDto>(HttpMethod.Post, $"{_path}/numbers", number, cancel);

    /// <summary>Gives a number of the inventory to a tenant, or takes it back; opens it for tenants to take themselves, or closes it.</summary>
    public Task<InventoryNumberDto> ChangeNumberAsync(InventoryNumberDto number, string? etag, CancellationToken cancel) =>
        _api.SendAsync<InventoryNumberDto>(HttpMethod.Put, Number(number.Number), number, cancel, etag);

    /// <summary>Takes a number out of the inventory.</summary>
    public Task RemoveNumberAsync(string number, CancellationToken cancel) => _api.SendAsync(HttpMethod.Delete, Number(number), null, cancel);

    private string Trunk(string name) => $"{_path}/trunks/{Uri.EscapeDataString(name)}";

    private string Number(string number) => $"{_path}/numbers/{Uri.EscapeDataString(number)}";
}
