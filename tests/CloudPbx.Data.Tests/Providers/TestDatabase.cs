using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data.Devices;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Numbering;
using CloudPbx.Data.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudPbx.Data.Tests.Providers;

/// <summary>A migrated database of one provider, shared by a test class; tests keep apart by their tenants.</summary>
public abstract class TestDatabase : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cloudpbx-data-").FullName;
    private IHost? _host;

    public IServiceProvider Services => Host().Services;

    public IPbxDatabase Pbx => Services.GetRequiredService<IPbxDatabase>();

    /// <summary>The file of the key under which everything is sealed.</summary>
    public string PlatformKeyPath => Path.Combine(_folder, "platform.key");

    public TenantKeyring Keyring => Services.GetRequiredService<TenantKeyring>();

    public async ValueTask InitializeAsync()
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        if (!await PrepareAsync(builder, _folder))
            return;
        builder.Configuration["PlatformKey:Path"] = PlatformKeyPath;
        builder.Configuration["PlatformKey:Create"] = "true";
        _host = builder.Build();
        await _host.Services.GetRequiredService<IDatabaseSchema>().MigrateAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _host?.Dispose();
        await CleanUpAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes a tenant with an extension 100 and a device that authenticates as 100.</summary>
    public async Task<TestTenant> CreateTenantAsync()
    {
        TestTenant made = new(TenantId.New(), ExtensionId.New(), DeviceId.New(), SipSecret.Generate());
        await using PbxDbContext db = Pbx.OpenTenant(made.Id);
        (Tenant tenant, TenantKey key) = db.AddTenant(Keyring, $"t{made.Id}", "en", DateTime.UtcNow);
        db.Domains.Add(new TenantDomain { Id = DomainId.New(), TenantId = made.Id, Name = $"{made.Id}.example", Position = 0 });
        db.Extensions.Add(new Extension { Id = made.Extension, TenantId = made.Id, Number = "100", DisplayName = $"Alice of {made.Id}" });
        db.Devices.Add(new Device
        {
            Id = made.Device,
            TenantId = made.Id,
            ExtensionId = made.Extension,
            Name = "desk",
            AuthUser = "100",
            SealedSecret = DeviceSecret.Seal(Keyring, key, made.Device, made.Secret),
        });
        Assert.Equal(SaveOutcome.Saved, await db.TrySaveAsync(TestContext.Current.CancellationToken));
        return made;
    }

    /// <summary>Opens a context without a tenant, as a request before its tenant is known.</summary>
    public PbxDbContext OpenWithoutTenant() => new(
        Services.GetRequiredService<Microsoft.EntityFrameworkCore.DbContextOptions<PbxDbContext>>(), new TenantContext(), Services.GetRequiredService<IDatabaseFaults>());

    /// <summary>Runs a statement as the schema's owner.</summary>
    public abstract Task ExecuteAsOwnerAsync(string statement);

    /// <summary>Sets the provider up; false where it is not there.</summary>
    protected abstract Task<bool> PrepareAsync(HostApplicationBuilder builder, string folder);

    protected abstract Task CleanUpAsync();

    protected abstract string WhyAbsent { get; }

    private IHost Host()
    {
        if (_host is null)
            Assert.Skip(WhyAbsent);
        return _host;
    }
}

public sealed record TestTenant(TenantId Id, ExtensionId Extension, DeviceId Device, string Secret);
