using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Grains;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State.Directory;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class TrunksOnSqliteTests(SqliteApi api) : TrunkTests(api), IClassFixture<SqliteApi>;

public sealed class TrunksOnPostgresTests(PostgresApi api) : TrunkTests(api), IClassFixture<PostgresApi>;

public abstract class TrunkTests(TestApi api)
{
    private const string Line = """{"name":"line","server":{"host":"sip.carrier.example"},"accounts":[{"user":"u1","password":"carrier-secret"}]}""";

    private static int s_numbers;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_tenants_with_trunks_and_routes_of_the_same_name_each_see_their_own_and_no_password()       // S23, S29
    {
        (string a, string numberOfA) = await FilledTenantAsync("a", "a.carrier.example");
        (string b, string numberOfB) = await FilledTenantAsync("b", "b.carrier.example");
        foreach (string list in new[] { "trunks", "trunks/line", "numbers", "routes", "outside", "limits" })
        {
            using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, $"{a}/{list}");
            string text = await response.Content.ReadAsStringAsync(Cancel);
            Assert.True(response.IsSuccessStatusCode, text);
            Assert.DoesNotContain("b.carrier.example", text, StringComparison.Ordinal);
            Assert.DoesNotContain(numberOfB[1..], text, StringComparison.Ordinal);
            Assert.DoesNotContain("carrier-secret", text, StringComparison.Ordinal);
        }
        foreach (HttpMethod method in new[] { HttpMethod.Get, HttpMethod.Delete })
        {
            using HttpResponseMessage response = await api.SendAsync(method, $"{a}/numbers/{numberOfB}");
            await TestApi.ProblemAsync(response, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        }
        Assert.Equal(numberOfA, Assert.Single((await api.GetAsync<Page<NumberDto>>($"{a}/numbers")).Items).Number);
        Assert.Equal("b.carrier.example", (await api.GetAsync<TrunkDto>($"{b}/trunks/line")).Server.Host);
    }

    [Theory]
    [InlineData("""{"rel100":"sometimes"}""", "$.changes.rel100", "\"auto\", \"off\", \"supported\", \"required\"")]
    [InlineData("""{"requestUriParameters":";user=phone"}""", "$.changes.requestUriParameters", "user=phone")]
    [InlineData("""{"requestUriParameters":"my_name=7","uriScheme":"tel"}""", "$.changes.requestUriParameters", "letters, digits and hyphens")]      // RFC 3966 §3
    [InlineData("""{"fromUser":"{callr}"}""", "$.changes.fromUser", "{caller}")]
    [InlineData("""{"codecs":["PCMA","MP3"]}""", "$.changes.codecs[1]", "\"PCMA\", \"PCMU\"")]
    [InlineData("""{"codecs":[]}""", "$.changes.codecs", "at least one")]
    [InlineData("""{"packetMilliseconds":25}""", "$.changes.packetMilliseconds", "10, 20, 30, 40 or 60")]
    [InlineData("""{"passCaller":true,"diversion":false}""", "$.changes.passCaller", "\"diversion\" or \"historyInfo\"")]
    [InlineData("""{"sessionExpiresSeconds":60}""", "$.changes.sessionExpiresSeconds", "90 to 86400")]         // RFC 4028 §4
    [InlineData("""{"calledNumberFrom":"from"}""", "$.changes.calledNumberFrom", "\"requestUri\", \"to\", \"pCalledPartyId\", \"diversion\"")]
    [InlineData("""{"numbers":{"calledIn":[{"pattern":"(?=1)","replacement":""}]}}""", "$.changes.numbers.calledIn[0].pattern", "look around")]
    [InlineData("""{"numbers":{"calledIn":[{"replacement":""}]}}""", "$.changes.numbers.calledIn[0].prefix", "either a prefix or a pattern")]
    [InlineData("""{"clientCertificate":"office 1"}""", "$.changes.clientCertificate", "sbc.example.com")]
    [InlineData("""{"oops":1}""", "$.changes.oops", "Known are")]
    public async Task A_wrong_profile_value_is_refused_with_the_sentence_that_says_what_is_allowed(string changes, string place, string allowed)
    {
        ApplyReport tenant = await api.CreateTenantAsync("wrong");
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/trunks", Line[..^1] + $",\"changes\":{changes}}}");
        (string, string) error = await ErrorAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation);
        Assert.Equal(place, error.Item1);
        Assert.Contains(allowed, error.Item2, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"x","server":{"host":"h.example"}}""", "$.accounts", "at least one account")]
    [InlineData("""{"name":"x","server":{"host":"h.example"},"accounts":[{"user":"u"}]}""", "$.accounts[0].password", "carrier gave")]
    [InlineData("""{"name":"x","kind":"ip","server":{"host":"h.example"},"sources":["0.0.0.0/0"]}""", "$.sources[0]", "too wide")]
    [InlineData("""{"name":"x","kind":"ip","server":{"host":"h.example"},"sources":["carrier.example"]}""", "$.sources[0]", "192.0.2.0/24")]
    [InlineData("""{"name":"x","kind":"ip","server":{"host":"h.example"},"sources":["tls:*.carrier.example"]}""", "$.sources[0]", "tls:sbc.carrier.example")]
    [InlineData("""{"name":"x","kind":"ip","server":{"host":"sip:h.example"}}""", "$.server.host", "without scheme")]
    [InlineData("""{"name":"x","kind":"ip"}""", "$.server", "must be there")]
    [InlineData("""{"name":"x","kind":"ip","server":{"host":"h.example"},"profile":"IMS"}""", "$.profile", "\"generic\", \"ims\", \"teams\", \"twilio\", \"telnyx\", \"fritzbox\", \"peer\"")]
    [InlineData("""{"name":"x","kind":"ip","server":{"host":"h.example"},"profile":"teams"}""", "$.changes.contactHost", "in our certificate")]        // I31
    [InlineData("""{"name":"x","kind":"ip","server":{"host":"h.example"},"profile":"teams","changes":{"srtp":"required"}}""", "$.changes.contactHost", "in our certificate")]
    [InlineData("""{"name":"x","kind":"ip","server":{"host":"h.example"},"defaultExtension":"999"}""", "$.defaultExtension", "create it first")]
    public async Task A_wrong_trunk_is_refused_with_its_place(string trunk, string place, string sentence)
    {
        ApplyReport tenant = await api.CreateTenantAsync("wrong");
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/trunks", trunk);
        (string, string) error = await ErrorAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation);
        Assert.Equal(place, error.Item1);
        Assert.Contains(sentence, error.Item2, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trunk_of_a_Chinese_tenant_begins_with_user_phone_and_any_other_with_nothing()
    {
        ApplyReport tenant = await api.CreateTenantAsync("zh");
        string path = $"/v1/tenants/{tenant.Name}";
        Assert.Equal("", (await api.PostAsync<TrunkDto>($"{path}/trunks", Line)).Profile.RequestUriParameters);
        await OkAsync(HttpMethod.Put, path, $$"""{"name":"{{tenant.Name}}","language":"zh-CN"}""");
        Assert.Equal("user=phone", (await api.PostAsync<TrunkDto>($"{path}/trunks", Line.Replace("line", "second", StringComparison.Ordinal))).Profile.RequestUriParameters);
        Assert.Equal("", (await api.PostAsync<TrunkDto>(
            $"{path}/trunks", Line.Replace("line", "third", StringComparison.Ordinal)[..^1] + ",\"changes\":{\"requestUriParameters\":\"\"}}")).Profile.RequestUriParameters);
        Assert.Equal("", (await api.GetAsync<TrunkDto>($"{path}/trunks/line")).Profile.RequestUriParameters);
    }

    [Fact]
    public async Task A_change_without_password_keeps_it_and_an_older_ETag_is_refused()
    {
        (string path, _) = await FilledTenantAsync("keep", "carrier.example");
        using HttpResponseMessage read = await api.SendAsync(HttpMethod.Get, $"{path}/trunks/line");
        string tag = read.Headers.ETag!.Tag;
        string change = """{"name":"line","server":{"host":"other.example","port":5061,"transport":"tls"},"accounts":[{"user":"u1"}],"profile":"ims"}""";
        await OkAsync(HttpMethod.Put, $"{path}/trunks/line", change);
        using HttpResponseMessage late = await api.SendAsync(HttpMethod.Put, $"{path}/trunks/line", change, tag);
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        TrunkDocument exported = Assert.Single((await api.GetAsync<TenantDocument>($"{path}/document")).Trunks);
        Assert.Equal(("carrier-secret", "other.example", TrunkTransport.Tls, "ims"), (exported.Accounts[0].Password, exported.Server.Host, exported.Server.Transport, exported.Profile));
    }

    [Fact]
    public async Task A_number_of_another_tenant_is_taken_here_and_in_a_document()
    {
        (_, string number) = await FilledTenantAsync("first", "carrier.example");
        ApplyReport second = await api.CreateTenantAsync("second");
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{second.Name}/numbers", $$"""{"number":"{{number}}"}""");
        Assert.Equal("$.number", (await ErrorAsync(response, HttpStatusCode.Conflict, ProblemTypes.Taken)).Place);
        using HttpResponseMessage document = await api.SendAsync(
            HttpMethod.Put, $"/v1/tenants/{second.Name}/document", $$"""{"name":"{{second.Name}}","numbers":[{"number":"+19999999"},{"number":"{{number}}"}]}""");
        Assert.Equal("$.numbers[1].number", (await ErrorAsync(document, HttpStatusCode.Conflict, ProblemTypes.Taken)).Place);
    }

    [Fact]
    public async Task An_address_is_shared_where_the_called_number_decides_and_the_directory_says_so()
    {
        string network = $"198.18.{Interlocked.Increment(ref s_numbers) % 250}.0/24";
        (string a, string number) = await FilledTenantAsync("a", "carrier.example");
        (string b, _) = await FilledTenantAsync("b", "carrier.example");
        string trunk = $$"""{"name":"ip","kind":"ip","server":{"host":"carrier.example"},"sources":["{{network}}"]}""";
        await api.PostAsync<TrunkDto>($"{a}/trunks", trunk);
        using (HttpResponseMessage refused = await api.SendAsync(HttpMethod.Post, $"{b}/trunks", trunk[..^1] + ",\"defaultExtension\":\"100\"}"))
            Assert.Equal("$.sources[0]", (await ErrorAsync(refused, HttpStatusCode.Conflict, ProblemTypes.Taken)).Place);
        using (HttpResponseMessage refused = await api.SendAsync(HttpMethod.Post, $"{b}/trunks", trunk.Replace(".0/24", ".9", StringComparison.Ordinal)))
            Assert.Contains("another tenant", (await ErrorAsync(refused, HttpStatusCode.Conflict, ProblemTypes.Taken)).Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain((await api.GetAsync<Page<TrunkDto>>($"{b}/trunks")).Items, t => t.Name == "ip");
        Assert.NotNull(Assert.Single((await DirectoryAsync()).Carriers, c => c.Network == network).Tenant);
        await api.PostAsync<TrunkDto>($"{b}/trunks", trunk);
        DirectorySnapshot directory = await DirectoryAsync();
        Assert.Null(Assert.Single(directory.Carriers, c => c.Network == network).Tenant);
        Assert.True(directory.Numbers.ContainsKey(number));
    }

    [Fact]
    public async Task A_registered_trunk_takes_addresses_beside_its_registrars_that_no_other_company_has()      // I10
    {
        string network = $"198.19.{Interlocked.Increment(ref s_numbers) % 250}.0/24";
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        TrunkDto created = await api.PostAsync<TrunkDto>($"/v1/tenants/{a.Name}/trunks", Line[..^1] + $",\"sources\":[\"{network}\"]}}");
        Assert.Equal((TrunkKind.Registered, network), (created.Kind, Assert.Single(created.Sources)));
        Assert.NotNull(Assert.Single((await DirectoryAsync()).Carriers, carrier => carrier.Network == network).Tenant);
        using HttpResponseMessage refused = await api.SendAsync(
            HttpMethod.Post, $"/v1/tenants/{b.Name}/trunks", Line[..^1] + $",\"sources\":[\"{network.Replace(".0/24", ".9", StringComparison.Ordinal)}\"]}}");
        Assert.Equal("$.sources[0]", (await ErrorAsync(refused, HttpStatusCode.Conflict, ProblemTypes.Taken)).Place);
    }

    [Fact]
    public async Task What_is_still_used_is_not_deleted_and_says_by_what()
    {
        (string path, string number) = await FilledTenantAsync("used", "carrier.example");
        await OkAsync(HttpMethod.Put, $"{path}/outside", $$"""{"callerNumber":"{{number}}"}""");
        foreach ((string resource, string user) in new[] { ("trunks/line", $"number {number}, route all"), ("extensions/100", $"number {number}"), ($"numbers/{number}", "outside calls") })
        {
            using HttpResponseMessage response = await api.SendAsync(HttpMethod.Delete, $"{path}/{resource}");
            JsonElement problem = await TestApi.ProblemAsync(response, HttpStatusCode.Conflict, ProblemTypes.InUse);
            Assert.Contains(user, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
        await OkAsync(HttpMethod.Put, $"{path}/extensions/100", """{"number":"200"}""");
        Assert.Equal("200", (await api.GetAsync<NumberDto>($"{path}/numbers/{number}")).Extension);
        await OkAsync(HttpMethod.Put, $"{path}/outside", "{}");
        await OkAsync(HttpMethod.Delete, $"{path}/routes/all");
        await OkAsync(HttpMethod.Delete, $"{path}/numbers/{number}");
        await OkAsync(HttpMethod.Delete, $"{path}/trunks/line");
    }

    [Fact]
    public async Task A_document_with_everything_applied_again_changes_nothing_and_its_export_neither()
    {
        ApplyReport tenant = await api.CreateTenantAsync("whole");
        string number = NewNumber();
        string document = $$"""
            {
              "name": "{{tenant.Name}}", "domains": ["{{tenant.Name}}.example"],
              "extensions": [ { "number": "100", "devices": [ { "authUser": "100" } ] } ],
              "trunks": [
                { "name": "line", "server": { "host": "ims.example" }, "outboundProxy": { "host": "192.0.2.1", "port": 5060, "transport": "udp" },
                  "accounts": [ { "user": "{{number}}", "authUser": "x@ims.example", "password": "carrier-secret" } ], "registrationSeconds": 3600,
                  "profile": "ims", "changes": { "rel100": "off", "numbers": { "calledIn": [ { "prefix": "0", "replacement": "+86" } ] } } },
                { "name": "ip", "kind": "ip", "server": { "host": "sbc.example" }, "sources": [ "2001:db8:{{s_numbers:x}}::1" ], "maxChannels": 30 }
              ],
              "numbers": [ { "number": "{{number}}", "trunk": "line", "extension": "100" } ],
              "routes": [ { "name": "all", "trunks": [ { "trunk": "ip", "weight": 3 }, { "trunk": "line" } ], "order": "weighted", "failoverOn": [ "5xx" ] }, { "name": "barred", "prefix": "00" } ],
              "outside": { "outsidePrefix": "0", "callerNumber": "{{number}}", "callerNumbers": [ { "extensions": "1", "number": "{{number}}" } ], "emergencyNumbers": [ "112" ] },
              "limits": { "maxChannels": 20, "allowedCountries": [ "CN", "DE" ] }
            }
            """;
        ApplyReport first = await api.ApplyAsync(tenant.Name, document);
        Assert.Equal(
            ["trunk line created", "trunk ip created", $"number {number} added", "route all created", "route barred created", "outside calls changed", "limits changed"],
            first.Changes.Where(change => !change.StartsWith("extension", StringComparison.Ordinal) && !change.StartsWith("device", StringComparison.Ordinal)));
        Assert.Empty((await api.ApplyAsync(tenant.Name, document)).Changes);
        using HttpResponseMessage export = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/document");
        string exported = await export.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("carrier-secret", exported, StringComparison.Ordinal);
        Assert.Empty((await api.ApplyAsync(tenant.Name, exported)).Changes);
        await OkAsync(HttpMethod.Delete, $"/v1/tenants/{tenant.Name}");
        Assert.True((await api.ApplyAsync(tenant.Name, exported)).Created);
        using HttpResponseMessage again = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/document");
        Assert.Equal(exported, await again.Content.ReadAsStringAsync(Cancel));
        ApplyReport emptied = await api.ApplyAsync(tenant.Name, $$"""{"name":"{{tenant.Name}}"}""");
        Assert.Contains("trunk line deleted", emptied.Changes);
        Assert.Contains($"number {number} removed", emptied.Changes);
        Assert.Empty((await api.GetAsync<Page<RouteDto>>($"/v1/tenants/{tenant.Name}/routes")).Items);
    }

    [Fact]
    public async Task A_document_is_refused_with_every_place_where_it_refers_to_what_is_not_in_it()
    {
        ApplyReport tenant = await api.CreateTenantAsync("refer");
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/document", $$"""
            {
              "name": "{{tenant.Name}}", "extensions": [ { "number": "100" } ],
              "trunks": [ { "name": "t", "kind": "ip", "server": { "host": "h.example" } }, { "name": "t", "kind": "ip", "server": { "host": "h.example" } } ],
              "numbers": [ { "number": "+15550000", "trunk": "u", "extension": "101" }, { "number": "5550000" } ],
              "routes": [ { "name": "a", "trunks": [ { "trunk": "u" } ], "callerNumber": "+15550009" }, { "name": "b" } ],
              "outside": { "callerNumber": "+15550008", "emergencyNumbers": [ "100" ] },
              "limits": { "maxChannels": -1 }
            }
            """);
        JsonElement errors = (await TestApi.ProblemAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation)).GetProperty("errors");
        Assert.Equal(
            [
                "$.limits.maxChannels", "$.numbers[0].extension", "$.numbers[0].trunk", "$.numbers[1].number", "$.outside.callerNumber", "$.outside.emergencyNumbers[0]",
                "$.routes[0].callerNumber", "$.routes[0].trunks[0].trunk", "$.routes[1].prefix", "$.trunks[1].name",
            ],
            errors.EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"allowedCountries":["DE","001"]}""", null, null)]
    [InlineData("""{"allowAllCountries":true}""", null, null)]
    [InlineData("""{"allowedCountries":["DE","de"]}""", "$.allowedCountries[1]", "two capital letters")]
    [InlineData("""{"allowedCountries":["*"]}""", "$.allowedCountries[0]", "\"001\"")]
    [InlineData("""{"allowedCountries":["DE"],"allowAllCountries":true}""", "$.allowAllCountries", "one of the two")]
    public async Task Countries_that_may_be_called_are_listed_or_all_allowed(string limits, string? place, string? sentence)      // S1
    {
        ApplyReport tenant = await api.CreateTenantAsync("countries");
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/limits", limits);
        if (place is null)
        {
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
            return;
        }
        (string Place, string Sentence) error = await ErrorAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation);
        Assert.Equal(place, error.Place);
        Assert.Contains(sentence!, error.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rewriting_can_be_tried_out()
    {
        ApplyReport tenant = await api.CreateTenantAsync("try");
        string path = $"/v1/tenants/{tenant.Name}/trunks";
        await api.PostAsync<TrunkDto>(path, Line[..^1] + ""","changes":{"numbers":{"calledOut":[{"prefix":"+86","replacement":"0"},{"pattern":"0(1\\d{10})","replacement":"$1"}]}}}""");
        RewriteDto tried = await api.GetAsync<RewriteDto>($"{path}/line/rewrite?number=%2B8613912345678");
        Assert.Equal(("calledOut", "13912345678"), (tried.List, tried.Number));
        Assert.Equal(["013912345678", "13912345678"], tried.Steps.Select(step => step.Number));
        using HttpResponseMessage wrong = await api.SendAsync(HttpMethod.Get, $"{path}/line/rewrite?number=1&list=out");
        Assert.Contains("calledIn", (await ErrorAsync(wrong, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dry_run_asks_the_tenants_runtime_and_finds_the_trunk_of_a_caller_from_outside()
    {
        (string path, string number) = await FilledTenantAsync("dry", "carrier.example");
        ApplyReport bare = await api.CreateTenantAsync("bare");
        api.Door.NextAnswer = new RouteAnswer { Steps = [new("dialled", "95551234"), new("no-route", "5551234")], Status = 404 };
        RoutingDto answer = await api.GetAsync<RoutingDto>($"{path}/routing?from=100&to=95551234");
        Assert.Equal((404, "no-route"), (answer.Status, answer.Steps[1].Rule));
        await api.GetAsync<RoutingDto>($"{path}/routing?from=5559999&to={Uri.EscapeDataString(number)}");
        Assert.Equal([null, "line"], api.Door.Asked.TakeLast(2).Select(asked => asked.Trunk));
        using HttpResponseMessage wrong = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{bare.Name}/routing?from=5559999&to=100");
        Assert.Equal("from", (await ErrorAsync(wrong, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Place);
    }

    [Fact]
    public async Task A_check_asks_the_tenants_runtime_about_its_own_trunk_and_passes_strangers_words_on_without_controls()
    {
        ApplyReport a = await api.CreateTenantAsync("checka"), b = await api.CreateTenantAsync("checkb");
        await api.PostAsync<TrunkDto>($"/v1/tenants/{a.Name}/trunks", Line);
        api.Door.NextCheck = new TrunkCheckAnswer([new("call", TrunkCheckOutcome.Bad, "+49: 403 No\u001b[2J")], [new("fromUser", "{account}", "403 No\u0007")]);
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{a.Name}/trunks/line/check?number=%2B4989222");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        TrunkCheckDto found = await TestApi.ReadAsync<TrunkCheckDto>(response);
        Assert.Equal(new TrunkCheckStepDto("call", TrunkCheckOutcome.Bad, "+49: 403 No[2J"), Assert.Single(found.Steps));                            // S22
        Assert.Equal(new TrunkCheckSuggestionDto("fromUser", "{account}", "403 No"), Assert.Single(found.Suggestions));
        Assert.Equal((a.Id, "line", "+4989222"), api.Door.Checked.Last());
        using HttpResponseMessage foreign = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{b.Name}/trunks/line/check");
        await TestApi.ProblemAsync(foreign, HttpStatusCode.NotFound, ProblemTypes.NotFound);                                                        // S23
        using HttpResponseMessage wrong = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{a.Name}/trunks/line/check?number=sip:x@y");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        api.Door.Away[a.Id] = true;
        using HttpResponseMessage away = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{a.Name}/trunks/line/check");
        await TestApi.ProblemAsync(away, HttpStatusCode.ServiceUnavailable, ProblemTypes.LiveStateAway);
    }

    [Fact]
    public async Task The_status_of_trunks_of_the_same_name_is_each_tenants_own_and_a_worker_that_is_away_is_503()      // S23
    {
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        (string pathOfA, string pathOfB) = ($"/v1/tenants/{a.Name}", $"/v1/tenants/{b.Name}");
        await api.PostAsync<TrunkDto>($"{pathOfA}/trunks", Line);
        await api.PostAsync<TrunkDto>($"{pathOfB}/trunks", Line);
        await api.PostAsync<TrunkDto>($"{pathOfB}/trunks", Line.Replace("line", "status", StringComparison.Ordinal));        // no name is taken by a path
        DateTime at = new(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc);
        api.Door.Trunks[a.Id] = [Status("line", 2, new TrunkStatusLine { Account = "u1", RegisteredSince = at, ExpiresAt = at.AddHours(1) })];
        api.Door.Trunks[b.Id] =
        [
            Status("line", 0, new TrunkStatusLine { Account = "u1", LastFailure = new TrunkStatusFailure(at, 403, "Forbidden\u001b[2J by b") }) with { CallFailure = new(at, 503, "Out of lines\u001b[2J in Hamburg") },
            Status("status", 1, new TrunkStatusLine { Account = "u1", LastFailure = new TrunkStatusFailure(at, 0, "Connection refused") }) with { CallFailure = new(at, 0, "No answer"), CallsAgainSince = at.AddHours(1) },
        ];

        TrunkStatusDto ofB = await api.GetAsync<TrunkStatusDto>($"{pathOfB}/trunks/line/status"), again = await api.GetAsync<TrunkStatusDto>($"{pathOfB}/trunks/status/status");
        Assert.Equal((new TrunkFailureDto(at, 503, "Out of lines[2J in Hamburg"), null), (ofB.LastCallFailure, ofB.CallsAgainSince));                   // S22
        Assert.Equal((new TrunkFailureDto(at, null, "No answer"), at.AddHours(1)), (again.LastCallFailure, again.CallsAgainSince));
        TrunkStatusDto ofA = await api.GetAsync<TrunkStatusDto>($"{pathOfA}/trunks/line/status");
        Assert.Null(ofA.LastCallFailure);
        Assert.Equal((TrunkKind.Registered, true, 2, 4), (ofA.Kind, ofA.Enabled, ofA.Calls, ofA.MaxChannels));
        Assert.Equal(new TrunkLineDto { Account = "u1", RegisteredSince = at, ExpiresAt = at.AddHours(1) }, Assert.Single(ofA.Lines));
        Assert.Equal(new TrunkFailureDto(at, 403, "Forbidden[2J by b"), (await api.GetAsync<TrunkStatusDto>($"{pathOfB}/trunks/line/status")).Lines[0].LastFailure);      // S22
        Assert.Equal(new TrunkFailureDto(at, null, "Connection refused"), (await api.GetAsync<TrunkStatusDto>($"{pathOfB}/trunks/status/status")).Lines[0].LastFailure);
        Assert.Equal("status", (await api.GetAsync<TrunkDto>($"{pathOfB}/trunks/status")).Name);
        Assert.Equal(["line"], (await api.GetAsync<Page<TrunkStatusDto>>($"{pathOfA}/trunks-status")).Items.Select(trunk => trunk.Name));
        Assert.Equal(["line", "status"], (await api.GetAsync<Page<TrunkStatusDto>>($"{pathOfB}/trunks-status")).Items.Select(trunk => trunk.Name));
        using HttpResponseMessage foreign = await api.SendAsync(HttpMethod.Get, $"{pathOfA}/trunks/status/status");
        await TestApi.ProblemAsync(foreign, HttpStatusCode.NotFound, ProblemTypes.NotFound);

        api.Door.Away[a.Id] = true;
        foreach (string path in new[] { "trunks/line/status", "trunks-status" })
        {
            using HttpResponseMessage away = await api.SendAsync(HttpMethod.Get, $"{pathOfA}/{path}");
            await TestApi.ProblemAsync(away, HttpStatusCode.ServiceUnavailable, ProblemTypes.LiveStateAway);
        }
    }

    [Fact]
    public async Task The_shipped_profiles_are_listed_for_everybody()
    {
        Assert.Equal(TrunkProfiles.All.Select(p => p.Name), (await api.GetAsync<Page<TrunkProfile>>("/v1/profiles")).Items.Select(p => p.Name));
        Assert.Equal("user=phone", (await api.GetAsync<TrunkProfile>("/v1/profiles/ims")).RequestUriParameters);
    }

    private static TrunkStatus Status(string name, int calls, TrunkStatusLine line) =>
        new() { Name = name, Kind = TrunkKind.Registered, Enabled = true, Calls = calls, MaxChannels = 4, Lines = [line] };

    private static string NewNumber() => $"+1555{Interlocked.Increment(ref s_numbers):D7}";

    private static async Task<(string Place, string Sentence)> ErrorAsync(HttpResponseMessage response, HttpStatusCode status, string type)
    {
        KeyValuePair<string, string> error = Assert.Single(await TestApi.ErrorsAsync(response, status, type));
        return (error.Key, error.Value);
    }

    private async Task OkAsync(HttpMethod method, string path, string? body = null)
    {
        using HttpResponseMessage response = await api.SendAsync(method, path, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task S36_edges_hear_of_other_emergency_numbers()
    {
        ApplyReport one = await api.CreateTenantAsync("help"), other = await api.CreateTenantAsync("help");
        await OkAsync(HttpMethod.Put, $"/v1/tenants/{one.Name}/outside", """{"outsidePrefix":"0","emergencyNumbers":["000"]}""");
        TaskCompletionSource<DirectorySnapshot> heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using IAsyncDisposable edge = await api.Services.GetRequiredService<DirectoryStore>().SubscribeAsync(
            snapshot =>
            {
                if (Of(snapshot, one).SequenceEqual(["000", "0000"]))
                    heard.TrySetResult(snapshot);
            },
            Cancel);
        DirectorySnapshot directory = await heard.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.Contains("9112", Of(directory, other));
        Assert.DoesNotContain("000", Of(directory, other));

        static IEnumerable<string> Of(DirectorySnapshot snapshot, ApplyReport tenant) =>
            snapshot.Emergency.Where(entry => entry.Tenants.Contains(tenant.Id)).SelectMany(entry => entry.Dialled);
    }

    private async Task<DirectorySnapshot> DirectoryAsync() => (await api.Services.GetRequiredService<DirectoryStore>().LoadAsync(Cancel))!;

    /// <summary>A tenant with extension 100, a line, a number that reaches 100, and a route.</summary>
    private async Task<(string Path, string Number)> FilledTenantAsync(string prefix, string host)
    {
        ApplyReport tenant = await api.CreateTenantAsync(prefix);
        string path = $"/v1/tenants/{tenant.Name}", number = NewNumber();
        await api.PostAsync<TrunkDto>($"{path}/trunks", Line.Replace("sip.carrier.example", host, StringComparison.Ordinal));
        await api.PostAsync<NumberDto>($"{path}/numbers", $$"""{"number":"{{number}}","trunk":"line","extension":"100"}""");
        await api.PostAsync<RouteDto>($"{path}/routes", """{"name":"all","trunks":[{"trunk":"line"}]}""");
        return (path, number);
    }
}
