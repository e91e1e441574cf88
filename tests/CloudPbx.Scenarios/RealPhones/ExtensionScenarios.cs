using System.Text.Json;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

/// <summary>What an extension says of itself, with baresip at both ends: where it sends its calls on, what its phones may speak.</summary>
[Collection(RealPhonesGroup.Name)]
public sealed class ExtensionScenarios(ProductFixture fixture)
{
    private readonly DateTime _begun = DateTime.UtcNow;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Extensions => $"tenants/{fixture.Pbx.Domain.Split('.')[0]}/extensions";

    [Fact]
    public async Task A_busy_phones_call_rings_at_the_forwards_target_of_the_own_tenant_and_the_tone_arrives()
    {
        await using Changed extension = await ChangeAsync("101", """{"number":"101","forwards":{"busy":"102"}}""");
        await using Baresip alice = await StartAsync("100", 440);
        await using Baresip bob = await StartAsync("101", 620);
        await using Baresip carol = await StartAsync("102", 520);
        await using Baresip stranger = await StartAsync(fixture.Pbx.OtherAccount("102", SipTransport.Tls));
        IRealCall atAlice = await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.HangUpAsync(Cancel);                                     // 486
        await TalkAsync(atAlice, carol, 520);
        Assert.DoesNotContain(stranger.Events.Snapshot(), e => e.Type == "CALL_INCOMING");
        JsonElement call = await LastCallAsync();
        Assert.Equal(("101", "102"), (call.GetProperty("calledNumber").GetString(), call.GetProperty("answeredBy").GetString()));
        Assert.Contains("forward-busy", call.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("rule").GetString()));
    }

    [Fact]
    public async Task A_call_that_nobody_answers_goes_on_after_the_ring_time()
    {
        await using Changed extension = await ChangeAsync("101", """{"number":"101","ringSeconds":5,"forwards":{"noAnswer":"102"}}""");
        await using Baresip alice = await StartAsync("100", 440);
        await using Baresip bob = await StartAsync("101", 620);
        await using Baresip carol = await StartAsync("102", 520);
        IRealCall atAlice = await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await TalkAsync(atAlice, carol, 520);
        await atBob.EndedAsync(Cancel);
    }

    [Fact]
    public async Task An_extension_whose_phone_is_away_sends_the_call_on()
    {
        await using Changed extension = await ChangeAsync("105", """{"number":"105","forwards":{"unreachable":"102"}}""");
        await using Baresip alice = await StartAsync("100", 440);
        await using Baresip carol = await StartAsync("102", 520);
        await TalkAsync(await alice.DialAsync("105", Cancel), carol, 520);
    }

    [Fact]
    public async Task A_phone_is_offered_its_extensions_codec_and_one_that_has_none_of_them_is_refused()
    {
        await using Changed extension = await ChangeAsync("103", """{"number":"103","codecs":["G722"]}""");
        await using Baresip alice = await StartAsync("100", 440, "PCMA");
        await using Baresip wide = await StartAsync("103", 620, "PCMA", "G722");
        IRealCall atAlice = await alice.DialAsync("103", Cancel);
        await TalkAsync(atAlice, wide, 620);
        JsonElement call = await LastCallAsync();
        Assert.Equal(["PCMA", "G722"], call.GetProperty("media").EnumerateArray().OrderBy(leg => leg.GetProperty("party").GetString() != "caller").Select(leg => leg.GetProperty("codec").GetString()));
        await using Baresip narrow = await StartAsync("103", 620, "PCMU");
        Assert.StartsWith("488", await (await narrow.DialAsync("100", Cancel)).EndedAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("opus", "PCMA")]
    [InlineData("PCMU", "opus")]
    [InlineData("opus", "G722")]
    [InlineData("G722", "PCMU")]
    public async Task Two_phones_without_a_common_codec_hear_each_other(string callers, string callees)
    {
        await using Baresip alice = await StartAsync("100", 440, callers);
        await using Baresip bob = await StartAsync("101", 620, callees);
        await TalkAsync(await alice.DialAsync("101", Cancel), bob, 620);
        JsonElement[] legs = [.. (await LastCallAsync()).GetProperty("media").EnumerateArray()];
        Assert.Equal([callers, callees], legs.OrderBy(leg => leg.GetProperty("party").GetString() != "caller").Select(leg => leg.GetProperty("codec").GetString()!), StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_phone_that_does_not_encrypt_is_refused_where_its_extension_requires_it()
    {
        await using Changed extension = await ChangeAsync("104", """{"number":"104","encryption":"required"}""");
        await using Baresip alice = await StartAsync("100", 440);
        await using Baresip clear = await StartAsync(fixture.Phones.Account("104", SipTransport.Udp, PhoneEncryption.Never) with { ToneHertz = 620 });
        Assert.StartsWith("488", await (await clear.DialAsync("100", Cancel)).EndedAsync(Cancel), StringComparison.Ordinal);
        await using Baresip secure = await StartAsync(fixture.Phones.Account("104", SipTransport.Tls, PhoneEncryption.Required) with { ToneHertz = 620 });
        IRealCall atSecure = await secure.DialAsync("100", Cancel);
        IRealCall atAlice = await alice.IncomingAsync(Cancel);
        await atAlice.AnswerAsync(Cancel);
        await atSecure.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atSecure, 620, Cancel);
        Assert.True(secure.MediaEncrypted);
        await atAlice.HangUpAsync(Cancel);
        await atSecure.EndedAsync(Cancel);
    }

    /// <summary>By the node's reports, which come every five seconds or so (RFC 3550 §6.2), a phone tells in its own how long they were on the way.</summary>
    [Fact]
    public async Task A_calls_record_says_how_well_it_went()
    {
        await using Baresip alice = await StartAsync("100", 440, "PCMA");
        await using Baresip bob = await StartAsync("101", 620, "PCMA");
        IRealCall atAlice = await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        foreach (Baresip phone in new[] { alice, bob })
        {
            int from = 0;
            for (int report = 0; report < 4; report++)                       // a phone that has heard three has answered one
                from = (await phone.Events.WaitAsync(e => e.Type == "CALL_RTCP", from, TimeSpan.FromSeconds(30), Cancel) ?? throw new TimeoutException(phone.Logs())).Index + 1;
        }
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
        JsonElement[] legs = [.. (await LastCallAsync()).GetProperty("media").EnumerateArray()];
        Assert.Equal(2, legs.Length);
        Assert.All(legs, leg =>
        {
            Assert.InRange(leg.GetProperty("packetsReceived").GetInt64(), 300, 5000);
            Assert.InRange(leg.GetProperty("packetsLost").GetInt64(), 0, leg.GetProperty("packetsReceived").GetInt64() / 50);
            Assert.InRange(leg.GetProperty("jitterMilliseconds").GetDouble(), 0, 30);
            Assert.InRange(leg.GetProperty("roundTripMilliseconds").GetDouble(), 0, 200);                // on one machine
            Assert.InRange(leg.GetProperty("mos").GetDouble(), 3.5, 4.5);
            Assert.Equal(20, leg.GetProperty("ptimeMilliseconds").GetInt32());
            Assert.Equal(0, leg.GetProperty("sourceChanges").GetInt64());
        });
    }

    /// <summary>A phone answers a call of alice's, both hear each other, the phone hangs up.</summary>
    private static async Task TalkAsync(IRealCall atAlice, Baresip callee, int tone)
    {
        IRealCall atCallee = await callee.IncomingAsync(Cancel);
        Assert.Contains("100", atCallee.Peer, StringComparison.Ordinal);
        await atCallee.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atCallee, tone, Cancel);
        await atCallee.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    /// <summary>The newest record; asked for until it is there, each answer before the next question.</summary>
    private async Task<JsonElement> LastCallAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            JsonElement[] calls = [.. (await fixture.Phones.Api.GetAsync($"tenants/{fixture.Pbx.Domain.Split('.')[0]}/calls?limit=1", deadline.Token)).GetProperty("items").EnumerateArray()];
            if (calls is [var newest] && newest.GetProperty("endedAt").GetDateTime() > _begun)
                return newest;
        }
    }

    /// <summary>Says something of an extension for one scenario; the others find it as it was.</summary>
    private async Task<Changed> ChangeAsync(string number, string wish)
    {
        await fixture.Phones.Api.PutAsync($"{Extensions}/{number}", wish, Cancel);
        return new Changed(fixture, $"{Extensions}/{number}", $$"""{"number":"{{number}}"}""");
    }

    private Task<Baresip> StartAsync(string extension, int tone, params string[] codecs) =>
        StartAsync(fixture.Phones.Account(extension, SipTransport.Tls, PhoneEncryption.Preferred) is var account && codecs.Length > 0 ? account with { ToneHertz = tone, Codecs = codecs } : account with { ToneHertz = tone });

    private static async Task<Baresip> StartAsync(PhoneAccount account)
    {
        Baresip phone = await Baresip.StartAsync(account, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }

    private sealed class Changed(ProductFixture fixture, string path, string before) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await fixture.Phones.Api.PutAsync(path, before, CancellationToken.None);
    }
}
