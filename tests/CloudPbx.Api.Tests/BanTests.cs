using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State.Bans;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

/// <summary>S3: the operator sees who is banned, and lets in again whom he knows.</summary>
public sealed class BanTests(SqliteApi api) : IClassFixture<SqliteApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BanStore Store => api.Services.GetRequiredService<BanStore>();

    [Fact]
    public async Task Bans_are_listed_and_lifted_by_source_or_account()
    {
        TenantId tenant = TenantId.New();
        Assert.True(BanSource.TryParse("2001:db8:77::1", out BanSource source));
        foreach (string account in (string[])["100", "a b\u001b[31m"])
            Assert.NotNull(await Store.BanAsync(new BanSubject(source, tenant, account), Cancel));
        Assert.NotNull(await Store.BanAsync(new BanSubject(source), Cancel));

        BanDto[] listed = [.. (await api.GetAsync<Page<BanDto>>("/v1/bans")).Items.Where(ban => ban.Source == "2001:db8:77::/64")];
        Assert.Equal([null, "100", "a b[31m"], listed.Select(ban => ban.Account).Order());
        Assert.All(listed, ban => Assert.Equal((1, true), (ban.Strikes, ban.Until > ban.Since)));

        using HttpResponseMessage one = await api.SendAsync(HttpMethod.Delete, "/v1/bans?source=2001:db8:77::5&account=100");
        Assert.Equal(1, (await TestApi.ReadAsync<LiftedBans>(one)).Lifted);
        using HttpResponseMessage rest = await api.SendAsync(HttpMethod.Delete, "/v1/bans?source=2001:db8:77::%2F64");
        Assert.Equal(2, (await TestApi.ReadAsync<LiftedBans>(rest)).Lifted);
        using HttpResponseMessage none = await api.SendAsync(HttpMethod.Delete, "/v1/bans?source=2001:db8:77::5");
        await TestApi.ProblemAsync(none, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task A_source_that_is_no_address_is_told_so()
    {
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Delete, "/v1/bans?source=everybody");
        Assert.Contains("source", await TestApi.ErrorsAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation));
    }

    [Fact]
    public async Task A_stranger_learns_nothing()
    {
        using HttpResponseMessage response = await api.Stranger().GetAsync(new Uri("/v1/bans", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }
}
