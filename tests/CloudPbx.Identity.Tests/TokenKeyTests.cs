using CloudPbx.Data.Keys;
using CloudPbx.Identity.Keys;
using CloudPbx.Identity.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OpenIddict.Server;

namespace CloudPbx.Identity.Tests;

public sealed class SqliteTokenKeyTests(SqliteIdentity identity) : TokenKeyTests<SqliteIdentity>(identity);

public sealed class PostgresTokenKeyTests(PostgresIdentity identity) : TokenKeyTests<PostgresIdentity>(identity);

/// <summary>The keys that sign and encrypt tokens change with time.</summary>
public abstract class TokenKeyTests<TIdentity>(TIdentity identity) : IClassFixture<TIdentity>
    where TIdentity : TestIdentity
{
    private const int Days = 90;

    [Fact]
    public void Each_period_has_a_key_that_was_known_before_and_the_last_ones_tokens_are_accepted_as_long_again()
    {
        FakeTimeProvider time = new(identity.Time.GetUtcNow());
        GlobalKeyStore store = identity.Services.GetRequiredService<GlobalKeyStore>();
        (string[] signing, string[] encryption) first = Ids(store, time);
        time.Advance(TimeSpan.FromDays(Days));
        (string[] signing, string[] encryption) second = Ids(store, time);
        time.Advance(TimeSpan.FromDays(Days));
        (string[] signing, string[] encryption) third = Ids(store, time);
        foreach ((string[] a, string[] b, string[] c) in new[] { (first.signing, second.signing, third.signing), (first.encryption, second.encryption, third.encryption) })
        {
            Assert.Equal(3, new[] { a[0], b[0], c[0] }.Distinct().Count());
            Assert.Contains(b[0], a);                           // every process knows it before it signs
            Assert.Contains(a[0], b);                           // what it signed is good still
            Assert.Contains(b[0], c);
            Assert.DoesNotContain(a[0], c);                     // and then no more
        }
        Assert.Contains(store.LoadPublic(GlobalKeyStore.Signing), key => key.Contains(third.signing[0], StringComparison.Ordinal));        // who checks tokens has its public half
    }

    [Fact]
    public void Two_processes_that_make_a_periods_key_at_once_have_the_same()
    {
        FakeTimeProvider time = new(identity.Time.GetUtcNow().AddDays(40 * Days));
        GlobalKeyStore store = identity.Services.GetRequiredService<GlobalKeyStore>();
        (string[] signing, string[] encryption) one = ([], []), other = ([], []);
        Parallel.Invoke(() => one = Ids(store, time), () => other = Ids(store, time));
        Assert.Equal((one.signing[0], one.encryption[0]), (other.signing[0], other.encryption[0]));
    }

    private static (string[] Signing, string[] Encryption) Ids(GlobalKeyStore store, FakeTimeProvider time)
    {
        using TokenKeys keys = new(store, Options.Create(new IdentityOptions { KeyDays = Days }), time);
        OpenIddictServerOptions server = new();
        keys.Configure(server);
        return ([.. server.SigningCredentials.Select(credentials => credentials.Key.KeyId)], [.. server.EncryptionCredentials.Select(credentials => credentials.Key.KeyId)]);
    }
}
