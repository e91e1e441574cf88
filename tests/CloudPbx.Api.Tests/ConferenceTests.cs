using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;

namespace CloudPbx.Api.Tests;

public sealed class ConferencesOnSqliteTests(SqliteApi api) : ConferenceTests(api), IClassFixture<SqliteApi>;

public sealed class ConferencesOnPostgresTests(PostgresApi api) : ConferenceTests(api), IClassFixture<PostgresApi>;

public abstract class ConferenceTests(TestApi api)
{
    [Fact]
    public async Task A_room_is_created_changed_and_deleted_and_two_tenants_may_have_the_same_number()
    {
        string path = $"/v1/tenants/{(await api.CreateTenantAsync("conf")).Name}/conferences", other = $"/v1/tenants/{(await api.CreateTenantAsync("conf")).Name}/conferences";
        ConferenceDto made = await api.PostAsync<ConferenceDto>(path, """{"number":"800","pin":"1234","moderatorPin":"9999"}""");
        Assert.Equal(("800", "800", "1234", "9999", true, false), (made.Number, made.Name, made.Pin, made.ModeratorPin, made.EntryTones, made.Locked));
        ConferenceDto theirs = await api.PostAsync<ConferenceDto>(other, """{"number":"800","name":"Theirs"}""");
        Assert.NotEqual(made.Id, theirs.Id);
        using HttpResponseMessage changed = await api.SendAsync(HttpMethod.Put, path + "/800", """{"number":"801","name":"Sales","entryTones":false}""");
        Assert.Equal(("801", "Sales", null, false), (await TestApi.ReadAsync<ConferenceDto>(changed)) is var room ? (room.Number, room.Name, room.Pin, room.EntryTones) : default);
        Assert.Equal(["801"], (await api.GetAsync<Page<ConferenceDto>>(path)).Items.Select(c => c.Number));
        Assert.Equal(["Theirs"], (await api.GetAsync<Page<ConferenceDto>>(other)).Items.Select(c => c.Name));
        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, path + "/801");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using HttpResponseMessage gone = await api.SendAsync(HttpMethod.Get, path + "/801");
        await TestApi.ProblemAsync(gone, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        Assert.Equal("800", (await api.GetAsync<ConferenceDto>(other + "/800")).Number);
    }

    [Fact]
    public async Task A_number_is_an_extension_or_a_room()
    {
        string tenant = $"/v1/tenants/{(await api.CreateTenantAsync("conf")).Name}";     // has extension 100
        using HttpResponseMessage room = await api.SendAsync(HttpMethod.Post, tenant + "/conferences", """{"number":"100"}""");
        Assert.Equal(["$.number"], (await TestApi.ErrorsAsync(room, HttpStatusCode.Conflict, ProblemTypes.Taken)).Keys);
        await api.PostAsync<ConferenceDto>(tenant + "/conferences", """{"number":"800"}""");
        using HttpResponseMessage extension = await api.SendAsync(HttpMethod.Post, tenant + "/extensions", """{"number":"800"}""");
        Assert.Equal(["$.number"], (await TestApi.ErrorsAsync(extension, HttpStatusCode.Conflict, ProblemTypes.Taken)).Keys);
        using HttpResponseMessage moved = await api.SendAsync(HttpMethod.Put, tenant + "/extensions/100", """{"number":"800"}""");
        Assert.Equal(["$.number"], (await TestApi.ErrorsAsync(moved, HttpStatusCode.Conflict, ProblemTypes.Taken)).Keys);
    }

    [Theory]
    [InlineData("""{"number":"8"}""", "$.number")]
    [InlineData("""{"number":"800","pin":"12"}""", "$.pin")]
    [InlineData("""{"number":"800","pin":"1234","moderatorPin":"1234"}""", "$.moderatorPin")]
    [InlineData("""{"number":"800","locked":true}""", "$.locked")]
    public async Task What_is_wrong_with_a_room_is_said_with_its_place(string body, string place)
    {
        string path = $"/v1/tenants/{(await api.CreateTenantAsync("conf")).Name}/conferences";
        using HttpResponseMessage refused = await api.SendAsync(HttpMethod.Post, path, body);
        Assert.Equal([place], (await TestApi.ErrorsAsync(refused, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    [Fact]
    public async Task A_document_brings_rooms_and_prompts_settings_and_gives_them_back()
    {
        string name = (await api.CreateTenantAsync("conf")).Name;
        string document = $$"""
            {"name":"{{name}}","holdMusic":false,"announcements":true,"recordingNotice":"beep","extensions":[{"number":"100"}],
             "conferences":[{"number":"800","name":"Sales","pin":"1234","moderatorPin":"9999","locked":true},{"number":"801","entryTones":false}],
             "numbers":[{"number":"+4930{{Random.Shared.Next(1_000_000, 9_999_999)}}","extension":"800"}]}
            """;
        ApplyReport report = await api.ApplyAsync(name, document);
        Assert.Contains("conference room 800 created", report.Changes);
        Assert.False((await api.ApplyAsync(name, document)).Changed);
        TenantDocument given = await api.GetAsync<TenantDocument>($"/v1/tenants/{name}/document");
        Assert.Equal((false, true, RecordingNotice.Beep), (given.HoldMusic, given.Announcements, given.RecordingNotice));
        Assert.Equal(RecordingNotice.Beep, (await api.GetAsync<TenantDto>($"/v1/tenants/{name}")).RecordingNotice);
        Assert.Equal(new ConferenceDocument { Number = "800", Name = "Sales", Pin = "1234", ModeratorPin = "9999", Locked = true }, given.Conferences[0]);
        Assert.Equal(new ConferenceDocument { Number = "801", EntryTones = false }, given.Conferences[1]);
        using HttpResponseMessage used = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{name}/conferences/800");
        await TestApi.ProblemAsync(used, HttpStatusCode.Conflict, ProblemTypes.InUse);
        using HttpResponseMessage twice = await api.SendAsync(
            HttpMethod.Put, $"/v1/tenants/{name}/document", $$"""{"name":"{{name}}","extensions":[{"number":"100"}],"conferences":[{"number":"100"}]}""");
        Assert.Equal(["$.conferences[0].number"], (await TestApi.ErrorsAsync(twice, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        Assert.Contains("conference room 801 deleted", (await api.ApplyAsync(name, $$"""{"name":"{{name}}","extensions":[{"number":"100"}]}""")).Changes);
    }
}
