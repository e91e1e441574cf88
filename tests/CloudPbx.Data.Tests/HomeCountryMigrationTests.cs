using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Tests.Providers;
using CloudPbx.Data.Trunks;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Data.Tests;

public sealed class HomeCountryMigrationOnSqliteTests(SqliteDatabase database) : HomeCountryMigrationTests(database), IClassFixture<SqliteDatabase>;

public sealed class HomeCountryMigrationOnPostgresTests(PostgresDatabase database) : HomeCountryMigrationTests(database), IClassFixture<PostgresDatabase>;

/// <summary>What updates make of tenants that were there before (infra/decisions/0019-home-country.md).</summary>
public abstract class HomeCountryMigrationTests(TestDatabase database)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tenants_that_were_there_may_call_what_they_might_before_and_their_runtimes_hear_of_it()
    {
        TestTenant silent = await database.CreateTenantAsync(), plain = await database.CreateTenantAsync(), listed = await database.CreateTenantAsync();
        await ConfigureAsync(plain, new OutsideCalling { OutsidePrefix = "0", CallerNumber = "+49301000", Rates = [new CallRate("+49", 7)], Limits = new CallLimits { MaxChannels = 4 } });
        await ConfigureAsync(listed, new OutsideCalling { Limits = new CallLimits { AllowedCountries = ["DE"] } });
        long version = (await ReadAsync(plain)).Version;

        await database.ExecuteAsOwnerAsync("DELETE FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" LIKE '%_HomeCountry'");
        await database.Services.GetRequiredService<IDatabaseSchema>().MigrateAsync(Cancel);

        OutsideCalling ofPlain = (await ReadAsync(plain)).Outside;
        Assert.Equal(("0", "+49301000", 7L), (ofPlain.OutsidePrefix, ofPlain.CallerNumber, Assert.Single(ofPlain.Rates).MicroUnitsPerMinute));
        Assert.Equal(new CallLimits { MaxChannels = 4, AllowAllCountries = true }, ofPlain.Limits);
        Assert.Equal(version + 1, (await ReadAsync(plain)).Version);
        OutsideCalling ofSilent = (await ReadAsync(silent)).Outside;
        Assert.Equal((OutsideCalling.DefaultPrefix, new CallLimits { AllowAllCountries = true }), (ofSilent.OutsidePrefix, ofSilent.Limits));      // whose home is not known yet: it may become known
        CallLimits ofListed = (await ReadAsync(listed)).Outside.Limits;
        Assert.Equal(["DE"], ofListed.AllowedCountries);
        Assert.False(ofListed.AllowAllCountries);
        TestTenant later = await database.CreateTenantAsync();
        Assert.False((await ReadAsync(later)).Outside.Limits.AllowAllCountries);
    }

    [Fact]
    public async Task Tenants_that_were_there_may_make_as_many_calls_abroad_at_once_as_before()
    {
        TestTenant silent = await database.CreateTenantAsync(), plain = await database.CreateTenantAsync(), careful = await database.CreateTenantAsync();
        await ConfigureAsync(plain, new OutsideCalling { OutsidePrefix = "0", Limits = new CallLimits { MaxChannels = 4 } });
        await ConfigureAsync(careful, new OutsideCalling { Limits = new CallLimits { MaxCallsAbroad = 2 } });
        long version = (await ReadAsync(plain)).Version;

        await database.ExecuteAsOwnerAsync("DELETE FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" LIKE '%_CallsAbroad'");
        await database.Services.GetRequiredService<IDatabaseSchema>().MigrateAsync(Cancel);

        OutsideCalling ofPlain = (await ReadAsync(plain)).Outside;
        Assert.Equal(("0", new CallLimits { MaxChannels = 4, MaxCallsAbroad = 100_000, MaxCallsAbroadPerExtension = 100_000 }), (ofPlain.OutsidePrefix, ofPlain.Limits));
        Assert.Equal(version + 1, (await ReadAsync(plain)).Version);
        Assert.Equal(new CallLimits { MaxCallsAbroad = 100_000, MaxCallsAbroadPerExtension = 100_000 }, (await ReadAsync(silent)).Outside.Limits);
        Assert.Equal(new CallLimits { MaxCallsAbroad = 2, MaxCallsAbroadPerExtension = 100_000 }, (await ReadAsync(careful)).Outside.Limits);
        Assert.Null((await ReadAsync(await database.CreateTenantAsync())).Outside.Limits.MaxCallsAbroad);
    }

    private async Task ConfigureAsync(TestTenant tenant, OutsideCalling settings)
    {
        await using PbxDbContext db = database.Pbx.OpenTenant(tenant.Id);
        db.OutsideCalling.Add(new OutsideCallingRow { TenantId = tenant.Id, Settings = settings });
        Assert.Equal(SaveOutcome.Saved, await db.TrySaveAsync(Cancel));
    }

    private async Task<TenantConfiguration> ReadAsync(TestTenant tenant) => (await database.Services.GetRequiredService<ITenantConfigurationSource>().LoadAsync(tenant.Id, Cancel)).Configuration!;
}
