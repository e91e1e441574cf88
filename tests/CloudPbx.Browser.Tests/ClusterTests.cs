using CloudPbx.TestKit;

namespace CloudPbx.Browser.Tests;

/// <summary>The same where API, sign-in and portal are processes of their own, behind one listener.</summary>
[Collection(PortalFixture.OneAfterTheOther)]
public sealed class ClusterTests(PortalFixture portal)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_operator_of_a_cluster_signs_in_and_out_and_a_company_signs_up()
    {
        await using RunningCluster cluster = await RunningCluster.StartAsync([], Cancel);
        await cluster.Api.PutAsync("plans/trial", """{"displayName":"Trial","maxExtensions":20,"trialDays":30,"forSignUp":true}""", Cancel);
        string address = cluster.FirstSignIn!.GetLeftPart(UriPartial.Authority);
        await using (Visit visit = await portal.VisitAsync(address: address))
        {
            await visit.ChoosePasswordAsync(cluster.FirstSignIn);
            await visit.GoAsync("t/acme/extensions");
            await visit.ExpectAsync("main", "105");
            await visit.SignOutAsync();
            await visit.SignInAsync();
            Assert.Empty(visit.Faults);
        }

        await using Visit company = await portal.VisitAsync("zh-CN", address: address);
        await company.Page.GotoAsync(address + "/signup");
        await company.FillAsync("#company", "Globex");
        await company.FillAsync("#tenant", "globex");
        await company.FillAsync("#email", "alice@globex.example");
        await company.Page.ClickAsync("button.go");
        await company.Page.ClickAsync("a.go");
        await company.Page.ClickAsync("button.go");
        await company.ChoosePasswordAsync();
        await company.ExpectAsync("[data-testid=light]", "正在等待");
        Assert.Contains("仅显示这一次", await company.Page.InnerTextAsync("[data-testid=connect]"), StringComparison.Ordinal);        // the password came along

        // Each visitor is counted by their own address also here, whatever they claim.
        using HttpClientHandler trusting = new() { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using HttpClient stranger = new(trusting) { BaseAddress = new Uri(address) };
        HttpResponseMessage? last = null;
        for (int i = 0; i < 12; i++)
        {
            last?.Dispose();
            using HttpRequestMessage guess = new(HttpMethod.Post, "/v1/signups/confirm") { Content = new StringContent("""{"token":"guessed"}""", System.Text.Encoding.UTF8, "application/json") };
            guess.Headers.Add("X-Forwarded-For", $"192.0.2.{i + 1}");
            last = await stranger.SendAsync(guess, Cancel);
        }
        using (last)
            Assert.Equal(System.Net.HttpStatusCode.TooManyRequests, last!.StatusCode);
    }
}
