using System.Text.Json;
using CloudPbx.Audio.Tones;
using CloudPbx.Audio.Wave;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

[Collection(RealPhonesGroup.Name)]
public sealed class RecordingScenarios(ProductFixture fixture)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("PCMA", "PCMU", 8000)]
    [InlineData("G722", "G722", 16000)]
    public async Task A_call_recorded_on_demand_has_each_party_in_its_channel(string codecA, string codecB, int rate)
    {
        await using Baresip alice = await StartAsync("102", SipTransport.Tls, PhoneEncryption.Required, 440, codecA);
        await using Baresip bob = await StartAsync("103", SipTransport.Udp, PhoneEncryption.Never, 620, codecB);
        HashSet<string> before = [.. (await RecordingsAsync(Cancel)).Select(r => r.GetProperty("id").GetString()!)];
        IRealCall atAlice = await alice.DialAsync("103", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        foreach (char key in "*1")
        {
            int mark = bob.Events.Count;
            await alice.PressAsync($"{key}", Cancel);
            Assert.NotNull(await bob.Events.WaitAsync(e => e.Type == "CALL_DTMF_START" && e.Parameter == $"{key}", mark, TimeSpan.FromSeconds(5), Cancel));
            await alice.PressAsync($"{Baresip.KeyReleased}", Cancel);
            Assert.NotNull(await bob.Events.WaitAsync(e => e.Type == "CALL_DTMF_END", mark, TimeSpan.FromSeconds(5), Cancel));
        }
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);

        JsonElement recording = await UntilAsync(async cancel =>
        {
            JsonElement found = (await RecordingsAsync(cancel)).FirstOrDefault(r => !before.Contains(r.GetProperty("id").GetString()!));
            return (found.ValueKind != JsonValueKind.Undefined, found);
        });
        Assert.Equal(("102", "103", false), (recording.GetProperty("from").GetString(), recording.GetProperty("to").GetString(), recording.GetProperty("partial").GetBoolean()));
        string path = $"tenants/{fixture.Pbx.Domain.Split('.')[0]}/recordings/{recording.GetProperty("id").GetString()}";
        byte[] octets = await UntilAsync(async cancel => await fixture.Phones.Api.TryGetOctetsAsync($"{path}/audio", cancel) is { } audio ? (true, audio) : (false, []));
        Assert.Equal(WaveParseError.None, WaveFile.TryRead(octets, out WaveFile? wave));
        Assert.Equal((2, rate), (wave!.Channels, wave.SampleRate));
        Measure(wave, 0, 440);
        Measure(wave, 1, 620);

        await fixture.Phones.Api.DeleteAsync(path, Cancel);
        Assert.Null(await fixture.Phones.Api.TryGetOctetsAsync($"{path}/audio", Cancel));
    }

    private static void Measure(WaveFile wave, int channel, double hertz)
    {
        short[] samples = [.. wave.Samples.Where((_, i) => i % 2 == channel)];
        ToneMeasurement heard = ToneDetector.Measure(samples.AsSpan(samples.Length / 2, wave.SampleRate / 2), wave.SampleRate);
        Assert.InRange(heard.Hertz, hertz - 5, hertz + 5);
        Assert.True(heard.Purity > 0.9, $"channel {channel}: {heard}");
    }

    private async Task<JsonElement[]> RecordingsAsync(CancellationToken cancel) =>
        [.. (await fixture.Phones.Api.GetAsync($"tenants/{fixture.Pbx.Domain.Split('.')[0]}/recordings", cancel)).GetProperty("items").EnumerateArray()];

    // The API says nothing when a recording is stored: it is asked until it has it, each answer before the next question.
    private static async Task<T> UntilAsync<T>(Func<CancellationToken, Task<(bool Came, T Value)>> ask)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(s_patience);
        while (true)
        {
            (bool came, T value) = await ask(deadline.Token);
            if (came)
                return value;
        }
    }

    private async Task<Baresip> StartAsync(string extension, SipTransport transport, PhoneEncryption encryption, int tone, string codec)
    {
        PhoneAccount account = fixture.Phones.Account(extension, transport, encryption) with { ToneHertz = tone, Codecs = [codec] };
        Baresip phone = await Baresip.StartAsync(account, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
