using System.Net;
using System.Text;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class ForwardsOnSqliteTests(SqliteApi api) : ForwardTests(api), IClassFixture<SqliteApi>;

public sealed class ForwardsOnPostgresTests(PostgresApi api) : ForwardTests(api), IClassFixture<PostgresApi>;

/// <summary>Forwards, codecs, encryption, recording notice and limits of extensions; the notice of trunks.</summary>
public abstract class ForwardTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_changes_the_own_extensions_forwards_and_the_twin_tenants_stay()
    {
        ApplyReport a = await api.CreateTenantAsync("fwd"), b = await api.CreateTenantAsync("fwd");
        await api.PostAsync<ExtensionDto>($"/v1/tenants/{a.Name}/extensions", """{"number":"777"}""");
        ExtensionId own = (await api.GetAsync<ExtensionDto>($"/v1/tenants/{a.Name}/extensions/100")).Id;
        string token = await TestTokens.Of(api).UserAsync(a.Id, own);
        using HttpResponseMessage changed = await PutAsync(token, $"/v1/tenants/{a.Name}/extensions/100/forwards", """{"busy":"101","noAnswer":"+4930123"}""");
        CallForwards now = await TestApi.ReadAsync<CallForwards>(changed);
        Assert.Equal(new CallForwards { Busy = "101", NoAnswer = "+4930123" }, now);
        Assert.Equal(now, (await api.GetAsync<ExtensionDto>($"/v1/tenants/{a.Name}/extensions/100")).Forwards);
        Assert.Equal(now, (await LoadAsync(a.Id)).Extensions["100"].Forwards);
        Assert.Equal(CallForwards.None, await api.GetAsync<CallForwards>($"/v1/tenants/{b.Name}/extensions/100/forwards"));
        using HttpResponseMessage foreign = await PutAsync(token, $"/v1/tenants/{a.Name}/extensions/777/forwards", """{"busy":"101"}""");
        await TestApi.ProblemAsync(foreign, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        using HttpResponseMessage elsewhere = await PutAsync(token, $"/v1/tenants/{b.Name}/extensions/100/forwards", """{"busy":"101"}""");
        await TestApi.ProblemAsync(elsewhere, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        using HttpResponseMessage none = await PutAsync(token, $"/v1/tenants/{a.Name}/extensions/100/forwards", "{}");
        Assert.Equal(CallForwards.None, await TestApi.ReadAsync<CallForwards>(none));
        Assert.Equal(["ChangeForwards", "ChangeForwards"], (await api.GetAsync<Page<AuditEntryDto>>($"/v1/tenants/{a.Name}/audit")).Items.Take(2).Select(entry => entry.Action));
    }

    [Theory]
    [InlineData("""{"forwards":{"busy":"100"}}""", "$.forwards.busy")]
    [InlineData("""{"forwards":{"busy":"call me"}}""", "$.forwards.busy")]
    [InlineData("""{"forwards":{"always":"1","sometimes":"2"}}""", "$.forwards.sometimes")]
    [InlineData("""{"codecs":["PCMX"]}""", "$.codecs[0]")]
    [InlineData("""{"codecs":[]}""", "$.codecs")]
    [InlineData("""{"codecs":["PCMA","PCMA"]}""", "$.codecs[1]")]
    [InlineData("""{"encryption":"sometimes"}""", "$.encryption")]
    [InlineData("""{"recordingNotice":"shout"}""", "$.recordingNotice")]
    [InlineData("""{"limits":{"maxOutsideCalls":-1}}""", "$.limits.maxOutsideCalls")]
    [InlineData("""{"limits":{"maxCallsAbroad":100001}}""", "$.limits.maxCallsAbroad")]
    [InlineData("""{"limits":{"microUnitsPerDay":"much"}}""", "$.limits.microUnitsPerDay")]
    [InlineData("""{"limits":{"maxChannels":1}}""", "$.limits.maxChannels")]
    public async Task What_is_wrong_is_said_with_its_place(string members, string place)
    {
        ApplyReport a = await api.CreateTenantAsync("fwd");
        using HttpResponseMessage refused = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{a.Name}/extensions/100", "{\"number\":\"100\"," + members[1..]);
        Assert.Equal([place], (await TestApi.ErrorsAsync(refused, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    [Fact]
    public async Task A_document_and_a_spreadsheet_bring_all_of_it_and_give_it_back()
    {
        string name = (await api.CreateTenantAsync("fwd")).Name, twin = (await api.CreateTenantAsync("fwd")).Name;
        const string extension = """{"number":"200","forwards":{"always":"201","busy":"*43","noAnswer":"202","unreachable":"203","declined":"204"},"codecs":["opus","PCMA"],"encryption":"required","recordingNotice":"beep","limits":{"maxOutsideCalls":2,"outsideMinutesPerDay":90,"microUnitsPerDay":5000000000,"maxCallsAbroad":1},"devices":[{"name":"desk","encryption":"off"}]}""";
        string document = $$"""
            {"name":"{{name}}","extensions":[{{extension}},{"number":"100"}],
             "trunks":[{"name":"carrier","kind":"ip","server":{"host":"carrier.example"},"sources":["198.51.100.{{Random.Shared.Next(1, 250)}}"],"recordingNotice":"announcement"}]}
            """;
        await api.ApplyAsync(name, document);
        Assert.False((await api.ApplyAsync(name, document)).Changed);
        TenantDocument given = await api.GetAsync<TenantDocument>($"/v1/tenants/{name}/document");
        ExtensionDocument read = given.Extensions.Single(e => e.Number == "200");
        Assert.Equal(new CallForwards { Always = "201", Busy = "*43", NoAnswer = "202", Unreachable = "203", Declined = "204" }, read.Forwards);
        Assert.Equal(["opus", "PCMA"], read.Codecs!);
        Assert.Equal((SrtpPolicy.Required, RecordingNotice.Beep, SrtpPolicy.Off), (read.Encryption, read.RecordingNotice, read.Devices[0].Encryption));
        ExtensionLimits limits = new() { MaxOutsideCalls = 2, OutsideMinutesPerDay = 90, MicroUnitsPerDay = 5_000_000_000, MaxCallsAbroad = 1 };
        Assert.Equal((limits, null), (read.Limits, given.Extensions.Single(e => e.Number == "100").Limits));
        Assert.Equal(RecordingNotice.Announcement, Assert.Single(given.Trunks).RecordingNotice);
        Assert.Null(given.Extensions.Single(e => e.Number == "100").Forwards);
        TenantConfiguration configured = await LoadAsync(given.Name);
        Assert.Equal((SrtpPolicy.Required, SrtpPolicy.Off), (configured.DevicesByAuthUser["200"].Encryption, configured.DevicesByAuthUser["200"].OwnEncryption));
        Assert.Equal((limits, ExtensionLimits.None, ExtensionLimits.None), (configured.LimitsOf("200"), configured.LimitsOf("100"), configured.LimitsOf("999")));
        Assert.Equal(RecordingNotice.Announcement, Assert.Single(configured.Trunks.Values).RecordingNotice);

        using HttpResponseMessage exported = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{name}/extensions/export");
        string csv = await exported.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("200,200,,off,desk,200,,off,false,201,*43,202,203,204,opus PCMA,required,beep,2,90,5000000000,1", csv, StringComparison.Ordinal);
        using HttpResponseMessage taken = await api.SendContentAsync(HttpMethod.Post, $"/v1/tenants/{twin}/extensions/bulk?existing=change", new StringContent(csv, Encoding.UTF8, "text/csv"));
        Assert.Equal(0, (await TestApi.ReadAsync<BulkReport>(taken)).Refused);
        ExtensionDto same = await api.GetAsync<ExtensionDto>($"/v1/tenants/{twin}/extensions/200");
        Assert.Equal((read.Forwards, SrtpPolicy.Required, RecordingNotice.Beep, limits), (same.Forwards, same.Encryption, same.RecordingNotice, same.Limits));
        using HttpResponseMessage wrong = await api.SendContentAsync(
            HttpMethod.Post, $"/v1/tenants/{twin}/extensions/bulk", new StringContent("number,forwardBusy,extensionEncryption,codecs,maxOutsideCalls\n300,300,never,PCMX,many\n", Encoding.UTF8, "text/csv"));
        Assert.Equal(["codecs", "extensionEncryption", "forwardBusy", "maxOutsideCalls"], Assert.Single((await TestApi.ReadAsync<BulkReport>(wrong)).Rows).Errors!.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_administrator_sets_an_extensions_own_limits_its_user_reads_them_and_the_twin_tenants_have_none()
    {
        ApplyReport a = await api.CreateTenantAsync("lim"), b = await api.CreateTenantAsync("lim");
        string path = $"/v1/tenants/{a.Name}/extensions/100";
        ExtensionLimits limits = new() { MaxOutsideCalls = 1, OutsideMinutesPerDay = 0 };
        using HttpResponseMessage changed = await api.SendAsync(HttpMethod.Put, path, """{"number":"100","limits":{"maxOutsideCalls":1,"outsideMinutesPerDay":0}}""");
        ExtensionDto now = await TestApi.ReadAsync<ExtensionDto>(changed);
        Assert.Equal((limits, limits), (now.Limits, (await LoadAsync(a.Id)).LimitsOf("100")));
        Assert.Equal(ExtensionLimits.None, (await api.GetAsync<ExtensionDto>($"/v1/tenants/{b.Name}/extensions/100")).Limits);
        Assert.Equal(ExtensionLimits.None, (await LoadAsync(b.Id)).LimitsOf("100"));

        string token = await TestTokens.Of(api).UserAsync(a.Id, now.Id);
        using HttpResponseMessage refused = await PutAsync(token, path, """{"number":"100","limits":{"maxOutsideCalls":99}}""");
        await TestApi.ProblemAsync(refused, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
        using HttpResponseMessage inDisguise = await PutAsync(token, path + "/forwards", """{"busy":"101","limits":{"maxOutsideCalls":99}}""");
        Assert.Equal(["$.limits"], (await TestApi.ErrorsAsync(inDisguise, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        Assert.Equal(limits, (await api.GetAsync<ExtensionDto>(path)).Limits);

        using HttpResponseMessage none = await api.SendAsync(HttpMethod.Put, path, """{"number":"100","limits":{}}""");
        Assert.Equal(ExtensionLimits.None, (await TestApi.ReadAsync<ExtensionDto>(none)).Limits);
    }

    [Fact]
    public async Task Forwards_follow_an_extension_to_its_new_number()
    {
        string path = $"/v1/tenants/{(await api.CreateTenantAsync("fwd")).Name}/extensions";
        await api.PostAsync<ExtensionDto>(path, """{"number":"300","forwards":{"busy":"100","always":"101"}}""");
        using HttpResponseMessage moved = await api.SendAsync(HttpMethod.Put, path + "/100", """{"number":"500"}""");
        Assert.Equal(HttpStatusCode.OK, moved.StatusCode);
        Assert.Equal(new CallForwards { Busy = "500", Always = "101" }, (await api.GetAsync<ExtensionDto>(path + "/300")).Forwards);
    }

    private async Task<TenantConfiguration> LoadAsync(string name) => await LoadAsync((await api.GetAsync<TenantDto>($"/v1/tenants/{name}")).Id);

    private async Task<TenantConfiguration> LoadAsync(TenantId tenant)
    {
        TenantLoad load = await api.Services.GetRequiredService<ITenantConfigurationSource>().LoadAsync(tenant, Cancel);
        Assert.True(load.IsLoaded);
        return load.Configuration;
    }

    private async Task<HttpResponseMessage> PutAsync(string token, string path, string body)
    {
        using HttpClient client = api.As(token);
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        return await client.PutAsync(new Uri(path, UriKind.Relative), content, Cancel);
    }
}
