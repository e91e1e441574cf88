using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State.Directory;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class OwnProfilesOnSqliteTests(SqliteApi api) : OwnProfileTests(api), IClassFixture<SqliteApi>;

public sealed class OwnProfilesOnPostgresTests(PostgresApi api) : OwnProfileTests(api), IClassFixture<PostgresApi>;

/// <summary>Profiles of a tenant's own, and the trunks that use them.</summary>
public abstract class OwnProfileTests(TestApi api)
{
    private const string City = """{"name":"city","basedOn":"telnyx","changes":{"rel100":"required","codecs":["PCMU"]}}""";

    private static int s_networks;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_trunk_acts_by_a_profile_of_its_tenants_own_and_its_own_changes_win()
    {
        string path = await TenantAsync("own");
        ProfileDto made = await api.PostAsync<ProfileDto>($"{path}/profiles", City);
        Assert.Equal(("city", "telnyx", Rel100Policy.Required, "{caller}"), (made.Name, made.BasedOn, made.Profile.Rel100, made.Profile.AssertedIdentity));
        Assert.Equal(("city", Rel100Policy.Required), Of(await api.PostAsync<TrunkDto>($"{path}/trunks", Trunk("line"))));
        Assert.Equal(("city", Rel100Policy.Off), Of(await api.PostAsync<TrunkDto>($"{path}/trunks", Trunk("other", """{"rel100":"off"}"""))));
        Assert.Equal(["line", "other"], (await api.GetAsync<ProfileDto>($"{path}/profiles/city")).Trunks);
        Assert.Equal(["city"], (await api.GetAsync<Page<ProfileDto>>($"{path}/profiles")).Items.Select(profile => profile.Name));
    }

    [Fact]
    public async Task A_change_reaches_the_trunks_that_use_it_as_a_change_of_theirs_would()
    {
        string path = await TenantAsync("reach");
        ProfileDto made = await api.PostAsync<ProfileDto>($"{path}/profiles", City);
        await api.PostAsync<TrunkDto>($"{path}/trunks", Trunk("line"));
        await api.PostAsync<TrunkDto>($"{path}/trunks", Trunk("plain").Replace("\"profile\":\"city\",", "", StringComparison.Ordinal));
        TenantDto tenant = await api.GetAsync<TenantDto>(path);
        int told = api.Door.Told.Count(one => one.Tenant == tenant.Id);
        long events = (await EventsAsync(path)).Max(one => one.Sequence);

        await OkAsync(HttpMethod.Put, $"{path}/profiles/city", """{"name":"town","basedOn":"ims"}""");
        TrunkDto line = await api.GetAsync<TrunkDto>($"{path}/trunks/line");
        Assert.Equal(("town", "user=phone", Rel100Policy.Auto), (line.Profile.Name, line.Profile.RequestUriParameters, line.Profile.Rel100));
        Assert.Equal("generic", (await api.GetAsync<TrunkDto>($"{path}/trunks/plain")).Profile.Name);
        Assert.Equal(told + 1, api.Door.Told.Count(one => one.Tenant == tenant.Id));
        Assert.Equal(
            [EventTypes.TrunkChanged, EventTypes.ConfigurationChanged], (await EventsAsync(path)).Where(one => one.Sequence > events).Select(one => one.Type));
        Assert.Equal("profile town changed", (await EventsAsync(path))[^1].Data.GetProperty("what").GetString());
        using HttpResponseMessage gone = await api.SendAsync(HttpMethod.Get, $"{path}/profiles/city");
        await TestApi.ProblemAsync(gone, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        Assert.Equal(made.Id, (await api.GetAsync<ProfileDto>($"{path}/profiles/town")).Id);
        AuditEntryDto[] audit = [.. (await api.GetAsync<Page<AuditEntryDto>>($"{path}/audit")).Items.Where(entry => entry.Action.EndsWith("OwnProfile", StringComparison.Ordinal))];
        Assert.Equal(["ChangeOwnProfile", "CreateOwnProfile"], audit.Select(entry => entry.Action));
    }

    [Fact]
    public async Task A_profile_in_use_is_not_deleted_and_says_which_trunks_use_it()
    {
        string path = await TenantAsync("used");
        await api.PostAsync<ProfileDto>($"{path}/profiles", City);
        await api.PostAsync<TrunkDto>($"{path}/trunks", Trunk("line"));
        await api.PostAsync<TrunkDto>($"{path}/trunks", Trunk("other"));
        using (HttpResponseMessage refused = await api.SendAsync(HttpMethod.Delete, $"{path}/profiles/city"))
            Assert.Contains("trunk line, trunk other", (await TestApi.ProblemAsync(refused, HttpStatusCode.Conflict, ProblemTypes.InUse)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        await OkAsync(HttpMethod.Delete, $"{path}/trunks/line");
        await OkAsync(HttpMethod.Put, $"{path}/trunks/other", Trunk("other").Replace("city", "generic", StringComparison.Ordinal));
        await OkAsync(HttpMethod.Delete, $"{path}/profiles/city");
        Assert.Empty((await api.GetAsync<Page<ProfileDto>>($"{path}/profiles")).Items);
    }

    [Theory]
    [InlineData("""{"name":"x","changes":{"rel100":"sometimes"}}""", "$.changes.rel100", "\"auto\", \"off\", \"supported\", \"required\"")]
    [InlineData("""{"name":"x","changes":{"numbers":{"calledIn":[{"pattern":"(?=1)","replacement":""}]}}}""", "$.changes.numbers.calledIn[0].pattern", "look around")]
    [InlineData("""{"name":"x","changes":{"passCaller":true,"diversion":false}}""", "$.changes.passCaller", "\"diversion\" or \"historyInfo\"")]
    [InlineData("""{"name":"x","basedOn":"city"}""", "$.basedOn", "\"generic\", \"ims\", \"teams\", \"twilio\", \"telnyx\", \"fritzbox\", \"peer\"")]
    [InlineData("""{"name":"ims"}""", "$.name", "\"basedOn\"")]
    [InlineData("""{"name":""}""", "$.name", "1 to 64")]
    [InlineData("""{"name":"x","oops":1}""", "$.oops", "Known are")]
    public async Task A_wrong_value_is_refused_with_the_sentence_that_says_what_is_allowed(string profile, string place, string allowed)
    {
        string path = await TenantAsync("wrong");
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, $"{path}/profiles", profile);
        (string Place, string Sentence) error = await ErrorAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation);
        Assert.Equal(place, error.Place);
        Assert.Contains(allowed, error.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trunk_that_names_no_profile_hears_of_the_tenants_own_beside_the_shipped_ones()
    {
        string path = await TenantAsync("names");
        await api.PostAsync<ProfileDto>($"{path}/profiles", City);
        using (HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, $"{path}/trunks", Trunk("line").Replace("city", "town", StringComparison.Ordinal)))
        {
            (string Place, string Sentence) error = await ErrorAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation);
            Assert.Equal("$.profile", error.Place);
            Assert.EndsWith("\"peer\", \"city\".", error.Sentence, StringComparison.Ordinal);
        }
        using HttpResponseMessage taken = await api.SendAsync(HttpMethod.Post, $"{path}/profiles", City);
        Assert.Equal("$.name", (await ErrorAsync(taken, HttpStatusCode.Conflict, ProblemTypes.Taken)).Place);
    }

    [Fact]
    public async Task What_fits_the_profile_and_the_trunk_alone_and_not_both_together_is_refused_from_either_side()      // I31
    {
        string path = await TenantAsync("both");
        await api.PostAsync<ProfileDto>($"{path}/profiles", """{"name":"city","basedOn":"teams","changes":{"contactHost":"sbc.example.com"}}""");
        await api.PostAsync<TrunkDto>($"{path}/trunks", Trunk("line"));
        using (HttpResponseMessage refused = await api.SendAsync(HttpMethod.Put, $"{path}/profiles/city", """{"name":"city","basedOn":"teams"}"""))
        {
            (string Place, string Sentence) error = await ErrorAsync(refused, HttpStatusCode.BadRequest, ProblemTypes.Validation);
            Assert.Equal("$.changes.contactHost", error.Place);
            Assert.Contains("trunk \"line\"", error.Sentence, StringComparison.Ordinal);
        }
        Assert.Equal("sbc.example.com", (await api.GetAsync<TrunkDto>($"{path}/trunks/line")).Profile.ContactHost);
        await OkAsync(HttpMethod.Put, $"{path}/trunks/line", Trunk("line", """{"contactHost":"own.example.com"}"""));
        await OkAsync(HttpMethod.Put, $"{path}/profiles/city", """{"name":"city","basedOn":"teams"}""");
        using HttpResponseMessage missing = await api.SendAsync(HttpMethod.Put, $"{path}/trunks/line", Trunk("line"));
        Assert.Equal("$.changes.contactHost", (await ErrorAsync(missing, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Place);
    }

    [Fact]
    public async Task A_change_that_reads_called_numbers_otherwise_than_the_company_that_shares_the_carriers_network_is_refused()
    {
        string network = $"198.51.{Interlocked.Increment(ref s_networks) % 250}.0/24", a = await TenantAsync("share"), b = await TenantAsync("share");
        foreach (string path in new[] { a, b })
        {
            await api.PostAsync<ProfileDto>($"{path}/profiles", City);
            await api.PostAsync<TrunkDto>($"{path}/trunks", Trunk("line", network: network));
        }
        using HttpResponseMessage refused = await api.SendAsync(HttpMethod.Put, $"{b}/profiles/city", """{"name":"city","basedOn":"ims"}""");
        (string Place, string Sentence) error = await ErrorAsync(refused, HttpStatusCode.Conflict, ProblemTypes.Taken);
        Assert.Equal("$.changes", error.Place);
        Assert.Contains("trunk \"line\"", error.Sentence, StringComparison.Ordinal);
        Assert.Equal("telnyx", (await api.GetAsync<ProfileDto>($"{b}/profiles/city")).BasedOn);
        CarrierSource source = Assert.Single((await api.Services.GetRequiredService<DirectoryStore>().LoadAsync(Cancel))!.Carriers, carrier => carrier.Network == network);
        Assert.Equal(CalledNumberSource.RequestUri, source.CalledNumberFrom);
    }

    [Fact]
    public async Task Two_tenants_with_a_profile_of_the_same_name_each_have_their_own_and_an_older_ETag_is_refused()      // S23
    {
        string a = await TenantAsync("a"), b = await TenantAsync("b");
        await api.PostAsync<ProfileDto>($"{a}/profiles", City);
        await api.PostAsync<ProfileDto>($"{b}/profiles", City.Replace("telnyx", "ims", StringComparison.Ordinal));
        await api.PostAsync<TrunkDto>($"{a}/trunks", Trunk("line"));
        await api.PostAsync<TrunkDto>($"{b}/trunks", Trunk("line"));
        using HttpResponseMessage read = await api.SendAsync(HttpMethod.Get, $"{a}/profiles/city");
        string tag = read.Headers.ETag!.Tag;
        await OkAsync(HttpMethod.Put, $"{a}/profiles/city", """{"name":"city","basedOn":"twilio"}""");
        Assert.Equal(SrtpPolicy.Optional, (await api.GetAsync<TrunkDto>($"{a}/trunks/line")).Profile.Srtp);
        Assert.Equal("user=phone", (await api.GetAsync<TrunkDto>($"{b}/trunks/line")).Profile.RequestUriParameters);
        await OkAsync(HttpMethod.Delete, $"{a}/trunks/line");
        await OkAsync(HttpMethod.Delete, $"{a}/profiles/city");
        Assert.Equal(["line"], (await api.GetAsync<ProfileDto>($"{b}/profiles/city")).Trunks);
        using HttpResponseMessage foreign = await api.SendAsync(HttpMethod.Put, $"{a}/profiles/city", City);
        await TestApi.ProblemAsync(foreign, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        await api.PostAsync<ProfileDto>($"{a}/profiles", City);
        using HttpResponseMessage refused = await api.SendAsync(HttpMethod.Put, $"{a}/profiles/city", City, tag);
        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.StatusCode);
    }

    [Fact]
    public async Task A_document_with_profiles_applied_again_changes_nothing_and_its_export_makes_the_same_tenant()
    {
        ApplyReport tenant = await api.CreateTenantAsync("whole");
        string document = $$"""
            {
              "name": "{{tenant.Name}}",
              "profiles": [ { "name": "city", "basedOn": "telnyx", "changes": { "fromUser": "{account}", "codecs": [ "PCMU" ] } }, { "name": "unused" } ],
              "trunks": [ { "name": "line", "kind": "ip", "server": { "host": "sbc.example" }, "profile": "city", "changes": { "rel100": "off" } } ]
            }
            """;
        ApplyReport first = await api.ApplyAsync(tenant.Name, document);
        Assert.Equal(["profile city created", "profile unused created", "trunk line created"], first.Changes.Where(change => change.StartsWith("profile", StringComparison.Ordinal) || change.StartsWith("trunk", StringComparison.Ordinal)));
        Assert.Empty((await api.ApplyAsync(tenant.Name, document)).Changes);
        string exported = await ExportAsync(tenant.Name);
        Assert.Empty((await api.ApplyAsync(tenant.Name, exported)).Changes);
        await OkAsync(HttpMethod.Delete, $"/v1/tenants/{tenant.Name}");
        Assert.True((await api.ApplyAsync(tenant.Name, exported)).Created);
        Assert.Equal(exported, await ExportAsync(tenant.Name));
        Assert.Equal(("city", Rel100Policy.Off), Of(await api.GetAsync<TrunkDto>($"/v1/tenants/{tenant.Name}/trunks/line")));

        ApplyReport changed = await api.ApplyAsync(tenant.Name, document.Replace("telnyx", "ims", StringComparison.Ordinal));
        Assert.Equal(["profile city changed", "trunk line changed"], changed.Changes);
        Assert.Equal("user=phone", (await api.GetAsync<TrunkDto>($"/v1/tenants/{tenant.Name}/trunks/line")).Profile.RequestUriParameters);
        using HttpResponseMessage refused = await api.SendAsync(
            HttpMethod.Put, $"/v1/tenants/{tenant.Name}/document", document.Replace("\"name\": \"city\"", "\"name\": \"town\"", StringComparison.Ordinal));
        Assert.Equal("$.trunks[0].profile", (await ErrorAsync(refused, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Place);
        Assert.Contains("profile city deleted", (await api.ApplyAsync(tenant.Name, $$"""{"name":"{{tenant.Name}}"}""")).Changes);
    }

    private static (string, Rel100Policy) Of(TrunkDto trunk) => (trunk.Profile.Name, trunk.Profile.Rel100);

    private static string Trunk(string name, string changes = "{}", string? network = null) =>
        $$"""{"name":"{{name}}","kind":"ip","profile":"city","server":{"host":"sbc.example"},"sources":[{{(network is null ? "" : $"\"{network}\"")}}],"changes":{{changes}}}""";

    private static async Task<(string Place, string Sentence)> ErrorAsync(HttpResponseMessage response, HttpStatusCode status, string type)
    {
        KeyValuePair<string, string> error = Assert.Single(await TestApi.ErrorsAsync(response, status, type));
        return (error.Key, error.Value);
    }

    private async Task<string> TenantAsync(string prefix) => $"/v1/tenants/{(await api.CreateTenantAsync(prefix)).Name}";

    private async Task<IReadOnlyList<EventDto>> EventsAsync(string path) => (await api.GetAsync<Page<EventDto>>($"{path}/events?limit=100")).Items;

    private async Task<string> ExportAsync(string tenant)
    {
        using HttpResponseMessage export = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant}/document");
        return await export.Content.ReadAsStringAsync(Cancel);
    }

    private async Task OkAsync(HttpMethod method, string path, string? body = null)
    {
        using HttpResponseMessage response = await api.SendAsync(method, path, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }
}
