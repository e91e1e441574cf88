using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Keys;
using CloudPbx.Data.SignInProviders;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace CloudPbx.Identity.Tests.Hosting;

/// <summary>Identity, and a company's own OpenID Connect provider: another Identity, at another address, with people of its own.</summary>
public sealed class ProviderPair<TIdentity> : IAsyncLifetime
    where TIdentity : TestIdentity, new()
{
    public const string ProviderAddress = "https://login.company.example";
    public const string Issuer = ProviderAddress + "/";

    public SqliteIdentity Provider { get; } = new() { PublicAddress = ProviderAddress };

    public TIdentity Identity { get; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Provider.InitializeAsync();
        Identity.Providers = Provider.Server.CreateHandler();
        await Identity.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Identity.DisposeAsync();
        await Provider.DisposeAsync();
    }

    /// <summary>Makes a tenant whose people sign in by the provider, which gives it a client of its own.</summary>
    public async Task<TenantId> CreateTenantAsync(string mailDomain = "example.com", string issuer = Issuer, bool enabled = true)
    {
        (TenantId tenant, _) = await Identity.CreateTenantAsync();
        string client = $"pbx-{tenant}", secret = $"secret: of +{tenant}%";
        await using (AsyncServiceScope scope = Provider.Services.CreateAsyncScope())
        {
            OpenIddictApplicationDescriptor wanted = new()
            {
                ClientId = client, ClientSecret = secret, ClientType = ClientTypes.Confidential, ConsentType = ConsentTypes.Implicit, DisplayName = "Telephone system",
                RedirectUris = { new Uri($"{TestIdentity.Address}/account/provider/{tenant}") },
            };
            wanted.Permissions.UnionWith(
            [
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.GrantTypes.AuthorizationCode, Permissions.ResponseTypes.Code, Permissions.Scopes.Profile, Permissions.Scopes.Email,
            ]);
            await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(wanted, Cancel);
        }
        await using PbxDbContext db = Identity.Services.GetRequiredService<IPbxDatabase>().OpenTenant(tenant);
        WrappedTenantKey key = await db.TenantKeys.SingleAsync(Cancel);
        db.SignInProviders.Add(new SignInProvider
        {
            TenantId = tenant, Issuer = issuer, ClientId = client, SealedSecret = ProviderSecret.Seal(Identity.Services.GetRequiredService<TenantKeyring>(), key.ToKey(), secret), MailDomain = mailDomain, Enabled = enabled,
        });
        Assert.Equal(SaveOutcome.Saved, await db.TrySaveAsync(Cancel));
        return tenant;
    }

    /// <summary>Goes to the provider by what somebody types, and signs in there.</summary>
    /// <returns>The address by which the provider sends the browser back.</returns>
    public async Task<string> AskAsync(TestBrowser browser, string typed, string personThere, string target = "/t/acme")
    {
        (await browser.GetAsync("/account/company?returnUrl=" + Uri.EscapeDataString(target))).Dispose();
        using HttpResponseMessage sent = await browser.SubmitAsync(("name", typed));
        Assert.True(sent.Headers.Location is not null, browser.Page);
        Assert.StartsWith(ProviderAddress + "/connect/authorize?", sent.Headers.Location.ToString(), StringComparison.Ordinal);
        TestBrowser there = Provider.Browser();
        using HttpResponseMessage asked = await there.GetAsync(sent.Headers.Location.ToString());
        (await there.GetAsync(asked.Headers.Location!.ToString())).Dispose();
        using HttpResponseMessage back = await there.GetAsync(await there.SignInAsync(personThere));
        return back.Headers.Location!.ToString();
    }
}
