using System.Text.Json.Nodes;
using CloudPbx.Audio.Wave;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

/// <summary>The tenants' own sounds, judged by the frequency that real phones decode.</summary>
[Collection(RealPhonesGroup.Name)]
public sealed class OwnSoundScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Both tenants have an extension 100, 101 and a sound of the same name.</summary>
    [Fact]
    public async Task Whoever_is_held_hears_the_tone_that_the_own_tenant_has_uploaded()
    {
        foreach ((string tenant, double hertz, int rate, int channels) in new[] { ("acme", 523.0, 44100, 2), ("globex", 1250.0, 8000, 1) })
        {
            await fixture.Phones.Api.PutFileAsync($"tenants/{tenant}/prompts/jazz", Tone(hertz, rate, channels), "audio/wav", Cancel);
            await ChooseAsync(tenant, "jazz");
        }
        try
        {
            await HearWhileHeldAsync(fixture.Phones.Account("100", SipTransport.Tls, PhoneEncryption.Required), fixture.Phones.Account("101", SipTransport.Udp), "PCMA", 523);
            await HearWhileHeldAsync(fixture.Phones.Account("100", SipTransport.Tls, PhoneEncryption.Required), fixture.Phones.Account("101", SipTransport.Udp), "G722", 523);
            await HearWhileHeldAsync(fixture.Pbx.OtherAccount("100", SipTransport.Udp), fixture.Pbx.OtherAccount("101", SipTransport.Udp), "PCMA", 1250);
        }
        finally
        {
            await ChooseAsync("acme", null);
            await ChooseAsync("globex", null);
        }
    }

    private static async Task HearWhileHeldAsync(PhoneAccount holder, PhoneAccount held, string codec, double hertz)
    {
        await using Baresip alice = await Baresip.StartAsync(holder with { ToneHertz = 1030, Codecs = [codec] }, cancel: Cancel), bob = await Baresip.StartAsync(held with { ToneHertz = 1370, Codecs = [codec] }, cancel: Cancel);
        await alice.RegisteredAsync(Cancel);
        await bob.RegisteredAsync(Cancel);
        BaresipCall atAlice = (BaresipCall)await alice.DialAsync(held.User, Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearsAsync(atBob, 1030, Cancel);
        await atAlice.HoldAsync(Cancel);
        Assert.True(await bob.Recording.HearsAsync(hertz, -30, TimeSpan.FromSeconds(2), Cancel), $"the held party does not hear {hertz} Hz");
        await Talk.HearsAsync(atBob, hertz, Cancel);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    private async Task ChooseAsync(string tenant, string? prompt)
    {
        JsonNode present = JsonNode.Parse((await fixture.Phones.Api.GetAsync($"tenants/{tenant}", Cancel)).GetRawText())!;
        JsonObject wish = new() { ["holdMusic"] = prompt is not null, ["holdMusicPrompt"] = prompt };
        foreach (string member in (string[])["name", "language", "ringSeconds", "isDefault"])
            wish[member] = present[member]!.DeepClone();
        await fixture.Phones.Api.PutAsync($"tenants/{tenant}", wish.ToJsonString(), Cancel);
    }

    private static byte[] Tone(double hertz, int rate, int channels)
    {
        short[] samples = new short[rate * channels * 2];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = (short)(8000 * Math.Sin(2 * Math.PI * hertz * (i / channels) / rate));
        return new WaveFile(rate, channels, samples).Write(WaveEncoding.Pcm16);
    }
}
