using CloudPbx.Portal.SignIn;
using CloudPbx.State;
using CloudPbx.State.PortalSessions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Portal.Tests.SignIn;

public sealed class TokenRenewalTests
{
    [Fact]
    public async Task Without_live_state_nobody_is_signed_in_and_nothing_throws()
    {
        await using RedisConnection away = new(Options.Create(new RedisOptions { Connection = "127.0.0.1:1,connectTimeout=200" }), NullLogger<RedisConnection>.Instance);
        PortalSessions sessions = new(new PortalSessionStore(away), new EphemeralDataProtectionProvider(), Options.Create(new PortalOptions()));
        using IdentityConnection identity = new(Options.Create(new PortalOptions()));
        TokenRenewal renewal = new(sessions, identity, Options.Create(new PortalOptions()), new FakeTimeProvider());
        Assert.Null(await sessions.BeginAsync(new PortalSession { AccessToken = "a" }, TestContext.Current.CancellationToken));
        Assert.Equal((false, null), await sessions.FindAsync("x", TestContext.Current.CancellationToken));
        Assert.Null(await renewal.TokenOfAsync("x", TestContext.Current.CancellationToken));
    }
}
