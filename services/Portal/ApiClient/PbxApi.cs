using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Hosting.Web.Addresses;

namespace CloudPbx.Portal.ApiClient;

/// <summary>The REST API as the portal uses it, with the rights of whoever sits before the screen. The portal has no other source of data.</summary>
/// <remarks>One per circuit. Every method throws <see cref="ApiProblemException"/> and nothing else but a cancellation.</remarks>
public sealed class PbxApi(HttpClient http, IAccessTokenSource tokens)
{
    /// <summary>Whether the last answer said that the database is away: nothing can be changed, calls go on.</summary>
    public bool IsDatabaseAway { get; private set; }

    /// <summary>Raised when <see cref="IsDatabaseAway"/> changed.</summary>
    public event Action? DatabaseChanged;

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>What belongs to one tenant.</summary>
    /// <param name="tenant">Its name or identifier.</param>
    public TenantApi Of(string tenant) => new(this, $"tenants/{Uri.EscapeDataString(tenant)}");

    /// <summary>What belongs to a reseller.</summary>
    /// <param name="reseller">Its name or identifier.</param>
    public ResellerApi OfReseller(string reseller) => new(this, $"resellers/{Uri.EscapeDataString(reseller)}");

    /// <summary>What belongs to nobody but the platform.</summary>
    public OwnerApi OfPlatform() => new(this, "platform");

    /// <summary>A page of the resellers, by name.</summary>
    public Task<Page<ResellerDto>> ResellersAsync(string? after, CancellationToken cancel) => GetAsync<Page<ResellerDto>>(PageOf("resellers", after), cancel);

    /// <summary>Makes a reseller.</summary>
    public Task<ResellerDto> CreateResellerAsync(NewReseller wish, CancellationToken cancel) => SendAsync<ResellerDto>(HttpMethod.Post, "resellers", wish, cancel);

    /// <summary>What tenants may be given.</summary>
    public async Task<IReadOnlyList<PlanDto>> PlansAsync(CancellationToken cancel) => (await GetAsync<Page<PlanDto>>("plans", cancel)).Items;

    /// <summary>The platform's settings.</summary>
    public Task<Versioned<PlatformSettings>> SettingsAsync(CancellationToken cancel) => GetVersionedAsync<PlatformSettings>("platform/settings", cancel);

    /// <summary>Changes the platform's settings.</summary>
    public Task<PlatformSettings> ChangeSettingsAsync(PlatformSettings wish, string? etag, CancellationToken cancel) => SendAsync<PlatformSettings>(HttpMethod.Put, "platform/settings", wish, cancel, etag);

    /// <summary>Makes a plan, or changes one for the tenants to come.</summary>
    public Task<PlanDto> SavePlanAsync(PlanDto plan, CancellationToken cancel) => SendAsync<PlanDto>(HttpMethod.Put, $"plans/{Uri.EscapeDataString(plan.Name)}", plan, cancel);

    /// <summary>Takes a plan away.</summary>
    public Task DeletePlanAsync(string plan, CancellationToken cancel) => SendAsync(HttpMethod.Delete, $"plans/{Uri.EscapeDataString(plan)}", null, cancel);

    /// <summary>Who the token's holder is.</summary>
    public Task<MeDto> MeAsync(CancellationToken cancel) => GetAsync<MeDto>("me", cancel);

    /// <summary>The passkeys of whoever sits before the screen.</summary>
    public async Task<IReadOnlyList<PasskeyDto>> MyPasskeysAsync(CancellationToken cancel) => (await GetAsync<Page<PasskeyDto>>("me/passkeys", cancel)).Items;

    /// <summary>Where they are signed in.</summary>
    public async Task<IReadOnlyList<SessionDto>> MySessionsAsync(CancellationToken cancel) => (await GetAsync<Page<SessionDto>>("me/sessions", cancel)).Items;

    /// <summary>Ends one of their sign-ins.</summary>
    public Task EndMySessionAsync(SessionId session, CancellationToken cancel) => SendAsync(HttpMethod.Delete, $"me/sessions/{session}", null, cancel);

    /// <summary>Ends all of them but this one.</summary>
    public Task EndMyOtherSessionsAsync(CancellationToken cancel) => SendAsync(HttpMethod.Delete, "me/sessions", null, cancel);

    /// <summary>A page of the tenants, by name.</summary>
    public Task<Page<TenantDto>> TenantsAsync(string? after, CancellationToken cancel) => GetAsync<Page<TenantDto>>(PageOf("tenants", after), cancel);

    /// <summary>Creates a tenant.</summary>
    public Task<TenantDto> CreateTenantAsync(NewTenant wish, CancellationToken cancel) => SendAsync<TenantDto>(HttpMethod.Post, "tenants", wish, cancel);

    /// <summary>Whether companies sign up by themselves, and to what. Open to strangers.</summary>
    public Task<SignUpOfferDto> SignUpOfferAsync(CancellationToken cancel) => SendAsync<SignUpOfferDto>(HttpMethod.Get, "signups", null, cancel, open: true);

    /// <summary>The branding of a host name; empty: nobody's. Open to strangers.</summary>
    public Task<BrandingDto> BrandingOfHostAsync(string host, CancellationToken cancel) => SendAsync<BrandingDto>(HttpMethod.Get, $"branding?host={Uri.EscapeDataString(host)}", null, cancel, open: true);

    /// <summary>How pages look for the token's holder.</summary>
    public Task<BrandingDto> MyBrandingAsync(CancellationToken cancel) => GetAsync<BrandingDto>("me/branding", cancel);

    /// <summary>Asks for a tenant. Open to strangers: goes without a token where there is none.</summary>
    public Task<SignUpDto> SignUpAsync(NewSignUp wish, CancellationToken cancel) => SendAsync<SignUpDto>(HttpMethod.Post, "signups", wish, cancel, open: true);

    /// <summary>Answers the mail to who asked for a tenant. Open to strangers.</summary>
    public Task<SignedUpDto> ConfirmSignUpAsync(string token, CancellationToken cancel) =>
        SendAsync<SignedUpDto>(HttpMethod.Post, "signups/confirm", new SignUpConfirmation { Token = token }, cancel, open: true);

    /// <summary>The shipped profiles of carriers.</summary>
    public async Task<IReadOnlyList<TrunkProfile>> ProfilesAsync(CancellationToken cancel) => (await GetAsync<Page<TrunkProfile>>("profiles", cancel)).Items;

    /// <summary>Workers and media nodes.</summary>
    public async Task<IReadOnlyList<NodeDto>> NodesAsync(CancellationToken cancel) => (await GetAsync<Page<NodeDto>>("nodes", cancel)).Items;

    /// <summary>Lets no call begin on a media node, or lets them again.</summary>
    public Task DrainNodeAsync(string node, bool drain, CancellationToken cancel) =>
        SendAsync(drain ? HttpMethod.Post : HttpMethod.Delete, $"nodes/{Uri.EscapeDataString(node)}/drain", null, cancel);

    /// <summary>Who gets no answer because it guessed passwords.</summary>
    public async Task<IReadOnlyList<BanDto>> BansAsync(CancellationToken cancel) => (await GetAsync<Page<BanDto>>("bans", cancel)).Items;

    /// <summary>Lets a source, or one account from there, in again.</summary>
    public Task LiftBanAsync(BanDto ban, CancellationToken cancel) => SendAsync<LiftedBans>(
        HttpMethod.Delete, $"bans?source={Uri.EscapeDataString(ban.Source)}{(ban.Account is { } account ? "&account=" + Uri.EscapeDataString(account) : "")}", null, cancel);

    /// <summary>Shared trunks and the inventory of numbers.</summary>
    /// <param name="reseller">Whose: the reseller's name or identifier; <see langword="null"/>: the platform's.</param>
    public SharedTrunkApi SharedTrunks(string? reseller) => new(this, reseller is null ? "platform" : $"resellers/{Uri.EscapeDataString(reseller)}");

    /// <summary>The address of a page of a list.</summary>
    internal static string PageOf(string path, string? after, int limit = 100) =>
        $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit={limit}{(after is null ? "" : "&after=" + Uri.EscapeDataString(after))}";

    internal async Task<T> GetAsync<T>(string path, CancellationToken cancel) => (await GetVersionedAsync<T>(path, cancel)).Value;

    internal async Task<Versioned<T>> GetVersionedAsync<T>(string path, CancellationToken cancel)
    {
        using HttpResponseMessage response = await AskAsync(HttpMethod.Get, path, null, null, HttpCompletionOption.ResponseContentRead, cancel);
        return new Versioned<T>(await ReadAsync<T>(response, cancel), response.Headers.ETag?.ToString());
    }

    internal async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancel, string? etag = null, bool open = false)
    {
        using HttpResponseMessage response = await AskAsync(method, path, body, etag, HttpCompletionOption.ResponseContentRead, cancel, open: open);
        return await ReadAsync<T>(response, cancel);
    }

    internal async Task SendAsync(HttpMethod method, string path, object? body, CancellationToken cancel, string? etag = null)
    {
        using HttpResponseMessage response = await AskAsync(method, path, body, etag, HttpCompletionOption.ResponseContentRead, cancel);
    }

    /// <summary>Sends a text that is no JSON.</summary>
    internal async Task<T> SendTextAsync<T>(HttpMethod method, string path, string text, string type, CancellationToken cancel)
    {
        using StringContent content = new(text, System.Text.Encoding.UTF8, type);
        using HttpResponseMessage response = await AskAsync(method, path, content, null, HttpCompletionOption.ResponseContentRead, cancel);
        return await ReadAsync<T>(response, cancel);
    }

    /// <summary>Sends a file.</summary>
    internal async Task<T> SendFileAsync<T>(HttpMethod method, string path, Stream file, string type, CancellationToken cancel)
    {
        using StreamContent content = new(file);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using HttpResponseMessage response = await AskAsync(method, path, content, null, HttpCompletionOption.ResponseContentRead, cancel);
        return await ReadAsync<T>(response, cancel);
    }

    /// <summary>Reads an answer that is no JSON.</summary>
    internal async Task<string> GetTextAsync(string path, CancellationToken cancel)
    {
        using HttpResponseMessage response = await AskAsync(HttpMethod.Get, path, null, null, HttpCompletionOption.ResponseContentRead, cancel);
        return await response.Content.ReadAsStringAsync(cancel);
    }

    /// <summary>Opens an answer that is read as it comes: server-sent events, audio. The caller disposes it.</summary>
    internal Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancel, string? range = null) =>
        AskAsync(HttpMethod.Get, path, null, null, HttpCompletionOption.ResponseHeadersRead, cancel, range);

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, object? body, string? etag, HttpCompletionOption completion, CancellationToken cancel, string? range = null, bool open = false)
    {
        string? token = await tokens.GetAsync(cancel);
        if (token is null && !open)
            throw new ApiProblemException(new ApiProblem { Kind = ApiProblem.Unauthorized, Status = 401 });
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (await tokens.VisitorAsync() is { } visitor)
            request.Headers.TryAddWithoutValidation(ForwardedVisitor.Header, visitor.ToString());
        if (etag is not null)
            request.Headers.TryAddWithoutValidation("If-Match", etag);
        if (range is not null)
            request.Headers.TryAddWithoutValidation("Range", range);
        if (body is not null)
            request.Content = body as HttpContent ?? JsonContent.Create(body, body.GetType(), options: Json);
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, completion, cancel);
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            throw new ApiProblemException(new ApiProblem { Kind = ApiProblem.Unreachable, Detail = fault.Message });
        }
        if (response.IsSuccessStatusCode)
        {
            Notice(away: false);
            return response;
        }
        using (response)
        {
            ApiProblem problem = await ProblemAsync(response, cancel);
            if (problem.Kind == ApiProblem.DatabaseAway || problem.Status is < 500 and not 401)
                Notice(problem.Kind == ApiProblem.DatabaseAway);
            throw new ApiProblemException(problem);
        }
    }

    private void Notice(bool away)
    {
        if (IsDatabaseAway == away)
            return;
        IsDatabaseAway = away;
        DatabaseChanged?.Invoke();
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(Json, cancel) ?? throw new JsonException("The answer is empty.");
        }
        catch (JsonException fault)
        {
            throw new ApiProblemException(new ApiProblem { Kind = ApiProblem.Unreachable, Status = (int)response.StatusCode, Detail = fault.Message });
        }
    }

    private static async Task<ApiProblem> ProblemAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        int status = (int)response.StatusCode;
        try
        {
            ProblemBody? body = await response.Content.ReadFromJsonAsync<ProblemBody>(Json, cancel);
            return new ApiProblem
            {
                Kind = response.StatusCode == HttpStatusCode.Unauthorized ? ApiProblem.Unauthorized : ApiProblem.KindOf(body?.Type, status),
                Status = status,
                Detail = body?.Detail ?? body?.Title,
                Errors = body?.Errors ?? [],
                TraceId = body?.TraceId,
            };
        }
        catch (Exception fault) when (fault is JsonException or NotSupportedException)
        {
            return new ApiProblem { Kind = response.StatusCode == HttpStatusCode.Unauthorized ? ApiProblem.Unauthorized : $"status-{status}", Status = status };
        }
    }

    private sealed record ProblemBody(string? Type, string? Title, string? Detail, Dictionary<string, string[]>? Errors, string? TraceId);
}
