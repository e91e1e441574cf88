using CloudPbx.Hosting.Web.Addresses;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace CloudPbx.Identity.Clients;

/// <summary>The portal as a client: registered, and brought up to date, at each start of a process that knows its secret (<c>Portal:ClientSecret</c>).</summary>
internal sealed class PortalClient(IServiceScopeFactory scopes, PublicUrl publicUrl, IConfiguration configuration) : IHostedService
{
    /// <summary>The client's name.</summary>
    public const string ClientId = "portal";

    /// <summary>Where it is led back to with a code.</summary>
    public const string SignInPath = "/signin-oidc";

    /// <summary>Where it is led back to after a sign-out.</summary>
    public const string SignedOutPath = "/signout-callback-oidc";

    /// <summary>The portal's secret; <see langword="null"/>: there is no portal that signs people in by us.</summary>
    public static string? SecretIn(IConfiguration configuration) => configuration["Portal:ClientSecret"] is { Length: > 0 } secret ? secret : null;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (SecretIn(configuration) is not { } secret)
            return;
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        IOpenIddictApplicationManager clients = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        OpenIddictApplicationDescriptor wanted = Describe(secret);
        if (await clients.FindByClientIdAsync(ClientId, cancellationToken) is { } present)
            await clients.UpdateAsync(present, wanted, cancellationToken);
        else
            await clients.CreateAsync(wanted, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private OpenIddictApplicationDescriptor Describe(string secret)
    {
        OpenIddictApplicationDescriptor client = new()
        {
            ClientId = ClientId,
            ClientSecret = secret,
            ClientType = ClientTypes.Confidential,
            ConsentType = ConsentTypes.Implicit,                // it is a part of the product
            DisplayName = "CloudPbx",
            RedirectUris = { new Uri(publicUrl.At(SignInPath)) },
            PostLogoutRedirectUris = { new Uri(publicUrl.At(SignedOutPath)) },
            Requirements = { Requirements.Features.ProofKeyForCodeExchange },
        };
        client.Permissions.UnionWith(
        [
            Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.EndSession, Permissions.Endpoints.Revocation,
            Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code,
            Permissions.Scopes.Profile, Permissions.Scopes.Email, Permissions.Scopes.Roles, Permissions.Prefixes.Scope + "api",
        ]);
        return client;
    }
}
