using System.Buffers.Text;
using System.Security.Cryptography;
using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Resellers;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data.Clients;
using CloudPbx.Data.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace CloudPbx.Api.Keys;

/// <summary>Programs of a reseller or a tenant: clients of <c>/connect/token</c>. A secret is told once and stored as a hash (S30).</summary>
internal static class ApiKeyEndpoints
{
    /// <summary>More than these are a mistake.</summary>
    private const int Most = 100;

    /// <summary>Maps the keys of the place that a group is about.</summary>
    /// <param name="group">The group: a reseller or a tenant.</param>
    /// <param name="place">What the operations' names end with.</param>
    public static void MapKeys(this RouteGroupBuilder group, string place)
    {
        RouteGroupBuilder keys = group.MapGroup("/keys").WithTags("API keys");
        keys.MapGet("/", ListAsync).WithName($"List{place}Keys");
        keys.MapPost("/", CreateAsync).WithName($"Create{place}Key").Takes<NewApiKey>().WithSummary("Lets a program in; the answer has its secret, which is never told again.");
        keys.MapDelete("/{key}", DeleteAsync).WithName($"Delete{place}Key").WithSummary("Shuts a program out; its tokens end within seconds.");
    }

    internal static async Task<Ok<Page<ApiKeyDto>>> ListAsync(HttpContext http, ApiKeyStore store, CancellationToken cancel) =>
        TypedResults.Ok(new Page<ApiKeyDto>([.. (await store.ListAsync(RequestOwner.Of(http), cancel)).Select(ToDto)], null));

    internal static async Task<Results<Created<ApiKeyDto>, ProblemHttpResult>> CreateAsync(
        HttpContext http, JsonBody body, ApiKeyStore store, IOpenIddictApplicationManager clients, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        string name = reader.Required("name", Rules.DeviceName);
        bool mayWrite = reader.OptionalBoolean("mayWrite") ?? false;
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        UserOwner owner = RequestOwner.Of(http);
        if ((await store.ListAsync(owner, cancel)).Count >= Most)
            return Answers.PlanLimit($"There are {Most} keys already. Delete those that are not used.");
        string secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        GlobalClient client = new()
        {
            Role = owner.TenantId is null ? UserRole.Reseller : UserRole.Administrator, TenantId = owner.TenantId, ResellerId = owner.ResellerId, CreatedAt = time.GetUtcNow().UtcDateTime,
        };
        OpenIddictApplicationDescriptor wanted = new()
        {
            ClientId = $"key-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10))}", ClientType = ClientTypes.Confidential, ConsentType = ConsentTypes.Implicit, DisplayName = name,
        };
        wanted.Permissions.UnionWith([Permissions.Endpoints.Token, Permissions.Endpoints.Revocation, Permissions.GrantTypes.ClientCredentials, Permissions.Prefixes.Scope + Caller.ReadScope]);
        if (mayWrite)
            wanted.Permissions.Add(Permissions.Prefixes.Scope + Caller.WriteScope);
        await clients.PopulateAsync(client, wanted, cancel);
        await clients.CreateAsync(client, secret, cancel);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"{http.Request.Path}/{client.ClientId}", ToDto(client) with { ClientSecret = secret });
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string key, HttpContext http, ApiKeyStore store, CancellationToken cancel) =>
        await store.RemoveAsync(RequestOwner.Of(http), key, cancel) ? TypedResults.NoContent() : Answers.NotFound("There is no such key here.");

    private static ApiKeyDto ToDto(GlobalClient client) => new()
    {
        ClientId = client.ClientId!, Name = client.DisplayName ?? client.ClientId!, Role = client.Role!.Value,
        MayWrite = client.Permissions?.Contains($"\"{Permissions.Prefixes.Scope}{Caller.WriteScope}\"", StringComparison.Ordinal) == true, CreatedAt = client.CreatedAt,
    };
}
