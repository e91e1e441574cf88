using System.Text.Json.Nodes;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

/// <summary>What callers are let hear: each other in a conference, music while they are held. Judged by frequency, in what real phones decode.</summary>
[Collection(RealPhonesGroup.Name)]
public sealed class ConferenceScenarios(ProductFixture fixture)
{
    private const double HeardDbm0 = -30, SilentDbm0 = -45;
    private static readonly TimeSpan s_key = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_talk = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_phones_in_a_conference_hear_the_others_and_not_themselves()
    {
        await CreateRoomAsync("acme");
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Required, 440, "PCMA");
        await using Baresip bob = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 620, "G722");
        await using Baresip carol = await StartAsync("102", SipTransport.Tls, PhoneEncryption.Preferred, 810, "opus");
        IRealCall[] calls = [await EnterAsync(alice), await EnterAsync(bob), await EnterAsync(carol)];
        (Baresip Phone, double Hertz)[] parties = [(alice, 440), (bob, 620), (carol, 810)];
        foreach ((Baresip hearer, double own) in parties)
        {
            foreach ((_, double hertz) in parties.Where(party => party.Hertz != own))
                Assert.True(await hearer.Recording.HearsAsync(hertz, HeardDbm0, s_talk, Cancel), $"{own} Hz does not hear {hertz} Hz");
            Assert.True(hearer.Recording.LevelOf(own, s_talk) < SilentDbm0, $"{own} Hz hears itself at {hearer.Recording.LevelOf(own, s_talk):F1} dBm0");
        }
        // *6: bob is muted, and hears the others still.
        foreach (char key in "*6")
        {
            // A key that is pressed before the last one's event has ended is lost, and nobody in a conference is told of the event.
            await bob.PressAsync($"{key}", Cancel);
            Assert.True(await bob.Recording.GrowsAsync(s_key, Cancel));
            await bob.PressAsync($"{Baresip.KeyReleased}", Cancel);
            Assert.True(await bob.Recording.GrowsAsync(s_key, Cancel));
        }
        Assert.True(await alice.Recording.MissesAsync(620, SilentDbm0, s_talk, Cancel), "bob is heard though he is muted");
        Assert.True(await bob.Recording.HearsAsync(440, HeardDbm0, s_talk, Cancel));
        foreach (IRealCall call in calls)
            await call.HangUpAsync(Cancel);
    }

    [Fact]
    public async Task Rooms_of_one_number_in_two_tenants_do_not_hear_each_other()
    {
        await CreateRoomAsync("acme");
        await CreateRoomAsync("globex");
        await using Baresip alice = await StartAsync("100", SipTransport.Udp, PhoneEncryption.Never, 440, "PCMA");
        await using Baresip bob = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 620, "PCMA");
        await using Baresip stranger = await Baresip.StartAsync(
            fixture.Pbx.OtherAccount("100", SipTransport.Udp) with { ToneHertz = 1030, Codecs = ["PCMA"] }, cancel: Cancel);
        await stranger.RegisteredAsync(Cancel);
        IRealCall[] calls = [await EnterAsync(stranger), await EnterAsync(alice), await EnterAsync(bob)];
        Assert.True(await alice.Recording.HearsAsync(620, HeardDbm0, s_talk, Cancel));
        Assert.True(await bob.Recording.HearsAsync(440, HeardDbm0, s_talk, Cancel));
        Assert.True(alice.Recording.LevelOf(1030, s_talk) < SilentDbm0);
        Assert.All([440.0, 620.0], hertz => Assert.True(stranger.Recording.LevelOf(hertz, s_talk) < SilentDbm0));
        foreach (IRealCall call in calls)
            await call.HangUpAsync(Cancel);
    }

    [Fact]
    public async Task A_held_party_hears_music_and_the_other_again_afterwards()
    {
        await SetHoldMusicAsync(true);
        try
        {
            await HoldAndResumeAsync();
        }
        finally
        {
            await SetHoldMusicAsync(false);
        }
    }

    private async Task HoldAndResumeAsync()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Required, 1030, "PCMA");
        await using Baresip bob = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 1370, "PCMA");
        BaresipCall atAlice = (BaresipCall)await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 1030, atBob, 1370, Cancel);
        await atAlice.HoldAsync(Cancel);
        Assert.True(await bob.Recording.MissesAsync(1030, SilentDbm0, s_talk, Cancel), "alice is heard though she holds");
        Assert.True((await atBob.HearAsync(TimeSpan.FromSeconds(1), Cancel)).Purity < 0.9, "no music, but a tone");
        await atAlice.ResumeAsync(Cancel);
        Assert.True(await bob.Recording.HearsAsync(1030, HeardDbm0, s_talk, Cancel));
        await Talk.HearsAsync(atBob, 1030, Cancel);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    private async Task SetHoldMusicAsync(bool plays)
    {
        JsonNode tenant = JsonNode.Parse((await fixture.Phones.Api.GetAsync("tenants/acme", Cancel)).GetRawText())!;
        JsonObject wish = new() { ["holdMusic"] = plays };
        foreach (string member in (string[])["name", "language", "ringSeconds", "isDefault"])
            wish[member] = tenant[member]!.DeepClone();
        await fixture.Phones.Api.PutAsync("tenants/acme", wish.ToJsonString(), Cancel);
    }

    // Whoever runs first makes it; the others put the same there.
    private async Task CreateRoomAsync(string tenant)
    {
        if (await fixture.Phones.Api.TryGetOctetsAsync($"tenants/{tenant}/conferences/850", Cancel) is null)
            await fixture.Phones.Api.PostAsync($"tenants/{tenant}/conferences", """{"number":"850"}""", Cancel);
    }

    private static async Task<IRealCall> EnterAsync(Baresip phone)
    {
        IRealCall call = await phone.DialAsync("850", Cancel);
        await call.AnsweredAsync(Cancel);
        return call;
    }

    private async Task<Baresip> StartAsync(string extension, SipTransport transport, PhoneEncryption encryption, int tone, string codec)
    {
        PhoneAccount account = fixture.Phones.Account(extension, transport, encryption) with { ToneHertz = tone, Codecs = [codec] };
        Baresip phone = await Baresip.StartAsync(account, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
