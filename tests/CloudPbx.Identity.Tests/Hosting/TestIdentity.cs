using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Clients;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Numbering;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Users;
using CloudPbx.Hosting;
using CloudPbx.Hosting.Web.Providers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace CloudPbx.Identity.Tests.Hosting;

/// <summary>Identity in process, on a database of one provider, with a clock that stands still. Tests keep apart by their users.</summary>
public abstract class TestIdentity : IAsyncLifetime
{
    public const string Address = "https://pbx.test:8443";
    public const string PortalSecret = "the portal's secret of this test";
    public const string Password = "correct horse battery";

    private readonly string _folder = Directory.CreateTempSubdirectory("cloudpbx-identity-").FullName;
    private WebApplication? _app;
    private string? _absent;

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    /// <summary>Its public address.</summary>
    public string PublicAddress { get; init; } = Address;

    /// <summary>Answers in place of the tenants' own providers.</summary>
    public HttpMessageHandler? Providers { get; set; }

    /// <summary>For the handlers of others.</summary>
    public TestServer Server => _app!.GetTestServer();

    public IServiceProvider Services
    {
        get
        {
            Assert.SkipUnless(_absent is null, _absent ?? "");
            return _app!.Services;
        }
    }

    public string? FirstLink => IdentityModule.FirstOperatorLink(Services);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        _absent = await AddDataAsync(builder, _folder);
        if (_absent is not null)
            return;
        builder.Configuration["PlatformKey:Path"] = Path.Combine(_folder, "platform.key");
        builder.Configuration["PlatformKey:Create"] = "true";
        builder.Configuration["PublicUrl"] = PublicAddress;
        builder.Configuration["Portal:ClientSecret"] = PortalSecret;
        builder.Configuration["Identity:AttemptsPerMinute"] = "10000";
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.AddHostingDefaults("identity");
        builder.Logging.ClearProviders();
        if (Providers is not null)
            builder.Services.AddSingleton(provider => new ProviderConnection(new TestNames(), provider.GetRequiredService<IOptions<ProviderOptions>>(), Providers));
        builder.AddIdentity();
        builder.WebHost.UseTestServer();
        _app = builder.Build();
        await _app.Services.GetRequiredService<IDatabaseSchema>().MigrateAsync(Cancel);
        _app.UseAuthentication();
        _app.MapIdentity();
        await _app.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        await RemoveDataAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>All that the database holds, as somebody with a copy of it would search it.</summary>
    public abstract Task<string> DumpAsync();

    /// <summary>A browser without cookies yet.</summary>
    public TestBrowser Browser(string? userAgent = null)
    {
        _ = Services;
        return new TestBrowser(Server, PublicAddress) { UserAgent = userAgent };
    }

    /// <summary>Makes a tenant with an extension 100.</summary>
    public async Task<(TenantId Tenant, ExtensionId Extension)> CreateTenantAsync()
    {
        var tenant = TenantId.New();
        var extension = ExtensionId.New();
        await using PbxDbContext db = Services.GetRequiredService<IPbxDatabase>().OpenTenant(tenant);
        db.AddTenant(Services.GetRequiredService<TenantKeyring>(), $"t{tenant}", "en", DateTime.UtcNow);
        db.Extensions.Add(new Extension { Id = extension, TenantId = tenant, Number = "100", DisplayName = "Alice" });
        Assert.Equal(SaveOutcome.Saved, await db.TrySaveAsync(Cancel));
        return (tenant, extension);
    }

    /// <summary>Makes somebody who signs in with <see cref="Password"/>.</summary>
    public async Task<GlobalUser> CreateUserAsync(UserRole role = UserRole.Operator, TenantId? tenant = null, ExtensionId? extension = null, string? address = null)
    {
        await using AsyncServiceScope scope = Services.CreateAsyncScope();
        UserManager<GlobalUser> users = scope.ServiceProvider.GetRequiredService<UserManager<GlobalUser>>();
        string mail = address ?? $"user-{Guid.NewGuid():N}@example.com";
        GlobalUser user = new()
        {
            Id = UserId.New(), UserName = mail, NormalizedUserName = "", Email = mail, DisplayName = "Alice Example", Role = role, TenantId = tenant, ExtensionId = extension,
            SecurityStamp = "", RecoveryCodes = [], CreatedAt = DateTime.UtcNow,
        };
        IdentityResult made = await users.CreateAsync(user, Password);
        Assert.True(made.Succeeded, string.Join(" ", made.Errors.Select(e => e.Description)));
        return user;
    }

    /// <summary>Changes a user as another process would.</summary>
    public async Task ChangeUserAsync(UserId id, Func<UserManager<GlobalUser>, GlobalUser, Task> change)
    {
        await using AsyncServiceScope scope = Services.CreateAsyncScope();
        UserManager<GlobalUser> users = scope.ServiceProvider.GetRequiredService<UserManager<GlobalUser>>();
        await change(users, (await users.FindByIdAsync(id.ToString()))!);
    }

    /// <summary>Registers a client besides the portal.</summary>
    public async Task CreateClientAsync(GlobalClient client, string clientId, string secret, params string[] permissions)
    {
        await using AsyncServiceScope scope = Services.CreateAsyncScope();
        IOpenIddictApplicationManager clients = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        OpenIddictApplicationDescriptor wanted = new()
        {
            ClientId = clientId, ClientType = ClientTypes.Confidential, ConsentType = ConsentTypes.Explicit, DisplayName = "Wallboard",
            RedirectUris = { new Uri("https://program.example/callback") },
        };
        wanted.Permissions.UnionWith(permissions);
        await clients.PopulateAsync(client, wanted, Cancel);
        await clients.CreateAsync(client, secret, Cancel);
    }

    protected abstract Task<string?> AddDataAsync(WebApplicationBuilder builder, string folder);

    protected abstract Task RemoveDataAsync();
}
