using System.Text.Json;
using System.Text.Json.Nodes;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

/// <summary>What a program does by the API to the calls of phones that we did not write; what they hear is measured.</summary>
[Collection(RealPhonesGroup.Name)]
public sealed class ProgramScenarios(ProductFixture fixture)
{
    private const double HeardDbm0 = -30, SilentDbm0 = -45;
    private static readonly TimeSpan s_talk = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_is_made_the_callers_phone_rings_first_and_both_hear_each_other()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Required, 1030);
        await using Baresip bob = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 1370);
        string call = (await Api("POST", "calls/live", """{"from":"100","to":"101"}""")).GetProperty("id").GetString()!;
        IRealCall atAlice = await alice.IncomingAsync(Cancel);
        Assert.Contains("101", atAlice.Peer, StringComparison.Ordinal);
        await atAlice.AnswerAsync(Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        Assert.Contains("100", atBob.Peer, StringComparison.Ordinal);
        await atBob.AnswerAsync(Cancel);
        Assert.True(await alice.Recording.HearsAsync(1370, HeardDbm0, s_talk, Cancel), alice.Logs());
        Assert.True(await bob.Recording.HearsAsync(1030, HeardDbm0, s_talk, Cancel), bob.Logs());
        Assert.Contains((await Api("GET", "calls/live")).GetProperty("items").EnumerateArray(), live => live.GetProperty("id").GetString() == call && live.GetProperty("isConversation").GetBoolean());
        await Api("DELETE", $"calls/live/{call}");
        await atAlice.EndedAsync(Cancel);
        await atBob.EndedAsync(Cancel);
    }

    [Fact]
    public async Task A_call_is_made_into_the_echo_test()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tcp, PhoneEncryption.Never, 530);
        await Api("POST", "calls/live", """{"from":"100","to":"*43"}""");
        IRealCall call = await alice.IncomingAsync(Cancel);
        await call.AnswerAsync(Cancel);
        Assert.True(await alice.Recording.HearsAsync(530, HeardDbm0, s_talk, Cancel), alice.Logs());
        await call.HangUpAsync(Cancel);
        await call.EndedAsync(Cancel);
    }

    [Fact]
    public async Task A_destination_that_declines_ends_the_call_of_who_was_rung_first()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Udp, PhoneEncryption.Never, 530);
        await using Baresip bob = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 620);
        await Api("POST", "calls/live", """{"from":"100","to":"101"}""");
        IRealCall atAlice = await alice.IncomingAsync(Cancel);
        await atAlice.AnswerAsync(Cancel);
        await (await bob.IncomingAsync(Cancel)).HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    [Fact]
    public async Task A_party_is_held_and_muted_without_its_phone_knowing()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Required, 1030);
        await using Baresip bob = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 1370);
        (IRealCall atAlice, IRealCall atBob, string call) = await TalkAsync(alice, bob);

        await Api("POST", $"calls/live/{call}/mute", """{"party":"caller"}""");
        Assert.True(await bob.Recording.MissesAsync(1030, SilentDbm0, s_talk, Cancel), "alice is heard though she is muted");
        Assert.True(alice.Recording.LevelOf(1370, s_talk) > HeardDbm0, "she hears bob all the same");
        await Api("POST", $"calls/live/{call}/unmute", """{"party":"caller"}""");
        Assert.True(await bob.Recording.HearsAsync(1030, HeardDbm0, s_talk, Cancel));

        await Api("POST", $"calls/live/{call}/hold", """{"party":"callee"}""");
        Assert.True(await alice.Recording.MissesAsync(1370, SilentDbm0, s_talk, Cancel), "bob is heard though he holds");
        Assert.True(await bob.Recording.MissesAsync(1030, SilentDbm0, s_talk, Cancel), "and hears nobody");
        Assert.Contains((await Api("GET", "calls/live")).GetProperty("items").EnumerateArray(), live => live.GetProperty("id").GetString() == call && live.GetProperty("calleeHolds").GetBoolean());
        await Api("POST", $"calls/live/{call}/resume", """{"party":"callee"}""");
        Assert.True(await alice.Recording.HearsAsync(1370, HeardDbm0, s_talk, Cancel));
        Assert.True(await bob.Recording.HearsAsync(1030, HeardDbm0, s_talk, Cancel));
        await atAlice.HangUpAsync(Cancel);
        await atBob.EndedAsync(Cancel);
    }

    [Fact]
    public async Task A_supervisor_listens_whispers_and_speaks_to_both()
    {
        await PermitSupervisionAsync();
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Required, 1030);
        await using Baresip bob = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 1370);
        await using Baresip carol = await StartAsync("102", SipTransport.Udp, PhoneEncryption.Never, 1710);
        (IRealCall atAlice, IRealCall atBob, string call) = await TalkAsync(alice, bob);

        string supervision = (await Api("POST", $"calls/live/{call}/supervision", """{"supervisor":"102"}""")).GetProperty("id").GetString()!;
        IRealCall atCarol = await carol.IncomingAsync(Cancel);
        await atCarol.AnswerAsync(Cancel);
        Assert.True(await carol.Recording.HearsAsync(1030, HeardDbm0, s_talk, Cancel), carol.Logs());
        Assert.True(await carol.Recording.HearsAsync(1370, HeardDbm0, s_talk, Cancel));
        Assert.All([alice, bob], party => Assert.True(party.Recording.LevelOf(1710, s_talk) < SilentDbm0, "the supervisor only listens"));

        await Api("PUT", $"calls/live/{call}/supervision/{supervision}", """{"mode":"whisper"}""");
        Assert.True(await bob.Recording.HearsAsync(1710, HeardDbm0, s_talk, Cancel), "bob is whispered to");
        Assert.True(bob.Recording.LevelOf(1030, s_talk) > HeardDbm0, "and hears alice still");
        Assert.True(alice.Recording.LevelOf(1710, s_talk) < SilentDbm0, "alice is not to hear it");

        await Api("PUT", $"calls/live/{call}/supervision/{supervision}", """{"mode":"barge"}""");
        Assert.True(await alice.Recording.HearsAsync(1710, HeardDbm0, s_talk, Cancel));
        Assert.True(alice.Recording.LevelOf(1370, s_talk) > HeardDbm0);

        await atAlice.HangUpAsync(Cancel);
        await atBob.EndedAsync(Cancel);
        await atCarol.EndedAsync(Cancel);                                   // it ends with the call
        Assert.Contains((await Api("GET", "audit")).GetProperty("items").EnumerateArray(), entry => entry.GetProperty("action").GetString() == "SuperviseCall");
    }

    [Fact]
    public async Task Somebody_else_is_put_into_a_partys_place_once_they_answer()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Required, 1030);
        await using Baresip bob = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 1370);
        await using Baresip carol = await StartAsync("102", SipTransport.Udp, PhoneEncryption.Never, 1710);
        (IRealCall atAlice, IRealCall atBob, string call) = await TalkAsync(alice, bob);
        await Api("POST", $"calls/live/{call}/transfer", """{"number":"102","leaving":"callee"}""");
        IRealCall atCarol = await carol.IncomingAsync(Cancel);
        await atCarol.AnswerAsync(Cancel);
        await atBob.EndedAsync(Cancel);
        Assert.True(await carol.Recording.HearsAsync(1030, HeardDbm0, s_talk, Cancel), carol.Logs());
        Assert.True(await alice.Recording.HearsAsync(1710, HeardDbm0, s_talk, Cancel), alice.Logs());
        await atCarol.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    [Fact]
    public async Task A_party_is_put_into_a_conference_room()
    {
        if (await fixture.Phones.Api.TryGetOctetsAsync("tenants/acme/conferences/851", Cancel) is null)
            await Api("POST", "conferences", """{"number":"851"}""");
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Required, 1030);
        await using Baresip bob = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 1370);
        await using Baresip carol = await StartAsync("102", SipTransport.Udp, PhoneEncryption.Never, 1710);
        IRealCall atCarol = await carol.DialAsync("851", Cancel);
        await atCarol.AnsweredAsync(Cancel);
        (IRealCall atAlice, IRealCall atBob, string call) = await TalkAsync(alice, bob);
        await Api("POST", $"calls/live/{call}/transfer", """{"number":"851","leaving":"callee"}""");
        await atBob.EndedAsync(Cancel);
        Assert.True(await carol.Recording.HearsAsync(1030, HeardDbm0, s_talk, Cancel), carol.Logs());
        Assert.True(await alice.Recording.HearsAsync(1710, HeardDbm0, s_talk, Cancel), alice.Logs());
        await atAlice.HangUpAsync(Cancel);
        await atCarol.HangUpAsync(Cancel);
        await atCarol.EndedAsync(Cancel);
    }

    [Fact]
    public async Task In_a_tenant_with_the_same_numbers_nothing_rings_and_the_others_call_is_not_there()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Required, 1030);
        await using Baresip bob = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 1370);
        await using Baresip otherAlice = await Baresip.StartAsync(fixture.Pbx.OtherAccount("100", SipTransport.Udp), cancel: Cancel);
        await using Baresip otherBob = await Baresip.StartAsync(fixture.Pbx.OtherAccount("101", SipTransport.Udp), cancel: Cancel);
        await otherAlice.RegisteredAsync(Cancel);
        await otherBob.RegisteredAsync(Cancel);
        string call = (await Api("POST", "calls/live", """{"from":"100","to":"101"}""")).GetProperty("id").GetString()!;
        IRealCall atAlice = await alice.IncomingAsync(Cancel);
        await atAlice.AnswerAsync(Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        Assert.True(await bob.Recording.HearsAsync(1030, HeardDbm0, s_talk, Cancel), bob.Logs());
        foreach ((string path, string body) in ((string, string)[])[("hold", """{"party":"caller"}"""), ("mute", """{"party":"caller"}"""), ("recording", """{"step":"start"}"""), ("supervision", """{"supervisor":"101"}""")])
        {
            HttpRequestException refused = await Assert.ThrowsAsync<HttpRequestException>(() => fixture.Phones.Api.PostAsync($"tenants/globex/calls/live/{call}/{path}", body, Cancel));
            Assert.StartsWith(path == "supervision" ? "403" : "404", refused.Message, StringComparison.Ordinal);     // it does not permit any
        }
        Assert.Empty((await fixture.Phones.Api.GetAsync("tenants/globex/calls/live", Cancel)).GetProperty("items").EnumerateArray());
        Assert.All([otherAlice, otherBob], phone => Assert.DoesNotContain(phone.Events.Snapshot(), e => e.Type == "CALL_INCOMING"));
        await atAlice.HangUpAsync(Cancel);
        await atBob.EndedAsync(Cancel);
    }

    private async Task<(IRealCall AtCaller, IRealCall AtCallee, string Call)> TalkAsync(Baresip caller, Baresip callee)
    {
        IRealCall atCaller = await caller.DialAsync("101", Cancel), atCallee = await callee.IncomingAsync(Cancel);
        await atCallee.AnswerAsync(Cancel);
        await atCaller.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atCaller, 1030, atCallee, 1370, Cancel);
        // As long as what is judged afterwards: only then a tone that is gone is news.
        Assert.True(await caller.Recording.HearsAsync(1370, HeardDbm0, s_talk, Cancel), caller.Logs());
        Assert.True(await callee.Recording.HearsAsync(1030, HeardDbm0, s_talk, Cancel), callee.Logs());
        JsonElement live = (await Api("GET", "calls/live")).GetProperty("items").EnumerateArray().Single(call => call.GetProperty("calledNumber").GetString() == "101");
        return (atCaller, atCallee, live.GetProperty("id").GetString()!);
    }

    private async Task PermitSupervisionAsync()
    {
        JsonNode tenant = JsonNode.Parse((await fixture.Phones.Api.GetAsync("tenants/acme", Cancel)).GetRawText())!;
        JsonObject wish = new() { ["holdMusic"] = false, ["allowSupervision"] = true };
        foreach (string member in (string[])["name", "language", "ringSeconds", "isDefault"])
            wish[member] = tenant[member]!.DeepClone();
        await fixture.Phones.Api.PutAsync("tenants/acme", wish.ToJsonString(), Cancel);
    }

    private async Task<JsonElement> Api(string method, string path, string body = "")
    {
        switch (method)
        {
            case "GET":
                return await fixture.Phones.Api.GetAsync($"tenants/acme/{path}", Cancel);
            case "PUT":
                return await fixture.Phones.Api.PutAsync($"tenants/acme/{path}", body, Cancel);
            case "DELETE":
                await fixture.Phones.Api.DeleteAsync($"tenants/acme/{path}", Cancel);
                return default;
            default:
                return await fixture.Phones.Api.PostAsync($"tenants/acme/{path}", body, Cancel);
        }
    }

    private async Task<Baresip> StartAsync(string extension, SipTransport transport, PhoneEncryption encryption, int tone)
    {
        PhoneAccount account = fixture.Phones.Account(extension, transport, encryption) with { ToneHertz = tone, Codecs = ["PCMA"] };
        Baresip phone = await Baresip.StartAsync(account, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
