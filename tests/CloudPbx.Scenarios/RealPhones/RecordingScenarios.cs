using System.Text.Json;
using CloudPbx.Audio.Tones;
using CloudPbx.Audio.Wave;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

[Collection(RealPhonesGroup.Name)]
public sealed class RecordingScenarios(ProductFixture fixture)
{
    private const double HeardDbm0 = -30, SilentDbm0 = -45;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("PCMA", "PCMU", 8000, "127.0.0.1")]
    [InlineData("G722", "G722", 16000, "127.0.0.1")]
    [InlineData("G722", "PCMA", 16000, "::1")]
    public async Task A_call_recorded_on_demand_has_each_party_in_its_channel(string codecA, string codecB, int rate, string server)
    {
        await using Baresip alice = await StartAsync("102", SipTransport.Tls, PhoneEncryption.Required, 440, codecA, server);
        await using Baresip bob = await StartAsync("103", SipTransport.Udp, PhoneEncryption.Never, 620, codecB);
        HashSet<string> before = await KnownAsync();
        IRealCall atAlice = await alice.DialAsync("103", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await PressStarOneAsync(alice, bob);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);

        (JsonElement recording, string path, WaveFile wave) = await RecordedAsync(before);
        Assert.Equal(("102", "103", false), (recording.GetProperty("from").GetString(), recording.GetProperty("to").GetString(), recording.GetProperty("partial").GetBoolean()));
        Assert.Equal((2, rate), (wave.Channels, wave.SampleRate));
        Measure(wave, 0, 440);
        Measure(wave, 1, 620);

        await fixture.Phones.Api.DeleteAsync(path, Cancel);
        Assert.Null(await fixture.Phones.Api.TryGetOctetsAsync($"{path}/audio", Cancel));
    }

    [Fact]
    public async Task A_call_recorded_by_policy_has_what_is_said_before_and_after_a_pause_and_nothing_of_the_pause()        // SECURITY.md S34
    {
        await SetPolicyAsync("102", "always");
        try
        {
            await using Baresip alice = await StartAsync("102", SipTransport.Tls, PhoneEncryption.Required, 440, "PCMA");
            await using Baresip bob = await StartAsync("103", SipTransport.Udp, PhoneEncryption.Never, 620, "PCMA");
            HashSet<string> before = await KnownAsync();
            IRealCall atAlice = await alice.DialAsync("103", Cancel);
            IRealCall atBob = await bob.IncomingAsync(Cancel);
            await atBob.AnswerAsync(Cancel);
            await atAlice.AnsweredAsync(Cancel);
            await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
            await PressStarOneAsync(alice, bob);                // pauses
            await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
            await PressStarOneAsync(alice, bob);                // goes on
            await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
            await atBob.HangUpAsync(Cancel);
            await atAlice.EndedAsync(Cancel);

            (JsonElement recording, string path, WaveFile wave) = await RecordedAsync(before);
            Assert.False(recording.GetProperty("partial").GetBoolean());
            JsonElement pause = Assert.Single(recording.GetProperty("notes").EnumerateArray(), note => note.GetProperty("kind").GetString() == "pause");
            int start = (int)(pause.GetProperty("atMilliseconds").GetInt64() * wave.SampleRate / 1000), length = (int)(pause.GetProperty("microseconds").GetInt64() * wave.SampleRate / 1_000_000);
            Assert.True(length > wave.SampleRate / 2, $"a pause of {length} samples");
            foreach ((int channel, double hertz) in ((int, double)[])[(0, 440), (1, 620)])
            {
                short[] samples = Channel(wave, channel);
                Assert.True(AudioLevel.Of(samples.AsSpan(start + (length / 4), length / 2)) < SilentDbm0, $"channel {channel} in the pause");
                Measure(samples.AsSpan(start - (wave.SampleRate / 2), wave.SampleRate / 4), wave.SampleRate, hertz);
                Measure(samples.AsSpan(samples.Length - (wave.SampleRate / 2), wave.SampleRate / 4), wave.SampleRate, hertz);
            }
            await fixture.Phones.Api.DeleteAsync(path, Cancel);
        }
        finally
        {
            await SetPolicyAsync("102", "off");
        }
    }

    [Fact]
    public async Task A_party_of_a_conference_that_is_recorded_has_what_it_heard_beside_what_it_said()
    {
        await SetPolicyAsync("102", "outbound");
        try
        {
            if (await fixture.Phones.Api.TryGetOctetsAsync($"tenants/{Tenant}/conferences/851", Cancel) is null)
                await fixture.Phones.Api.PostAsync($"tenants/{Tenant}/conferences", """{"number":"851"}""", Cancel);
            await using Baresip alice = await StartAsync("102", SipTransport.Tls, PhoneEncryption.Required, 440, "PCMA");
            await using Baresip bob = await StartAsync("103", SipTransport.Udp, PhoneEncryption.Never, 620, "PCMA");
            HashSet<string> before = await KnownAsync();
            IRealCall atAlice = await alice.DialAsync("851", Cancel);
            await atAlice.AnsweredAsync(Cancel);
            IRealCall atBob = await bob.DialAsync("851", Cancel);
            await atBob.AnsweredAsync(Cancel);
            Assert.True(await alice.Recording.HearsAsync(620, HeardDbm0, TimeSpan.FromSeconds(2), Cancel));
            Assert.True(await bob.Recording.HearsAsync(440, HeardDbm0, TimeSpan.FromSeconds(2), Cancel));
            await atAlice.HangUpAsync(Cancel);
            await atBob.HangUpAsync(Cancel);

            (JsonElement recording, string path, WaveFile wave) = await RecordedAsync(before);
            Assert.Equal(("102", "851"), (recording.GetProperty("from").GetString(), recording.GetProperty("to").GetString()));
            foreach ((int channel, double hertz) in ((int, double)[])[(0, 440), (1, 620)])
                Measure(Channel(wave, channel).AsSpan(^(wave.SampleRate / 2)..^(wave.SampleRate / 4)), wave.SampleRate, hertz);
            await fixture.Phones.Api.DeleteAsync(path, Cancel);
        }
        finally
        {
            await SetPolicyAsync("102", "off");
        }
    }

    private string Tenant => fixture.Pbx.Domain.Split('.')[0];

    // The other party hears a key's tone end before the next one is pressed.
    private static async Task PressStarOneAsync(Baresip who, Baresip hearer)
    {
        foreach (char key in "*1")
        {
            int mark = hearer.Events.Count;
            await who.PressAsync($"{key}", Cancel);
            Assert.NotNull(await hearer.Events.WaitAsync(e => e.Type == "CALL_DTMF_START" && e.Parameter == $"{key}", mark, TimeSpan.FromSeconds(5), Cancel));
            await who.PressAsync($"{Baresip.KeyReleased}", Cancel);
            Assert.NotNull(await hearer.Events.WaitAsync(e => e.Type == "CALL_DTMF_END", mark, TimeSpan.FromSeconds(5), Cancel));
        }
    }

    private Task<JsonElement> SetPolicyAsync(string extension, string policy) =>
        fixture.Phones.Api.PutAsync($"tenants/{Tenant}/extensions/{extension}", $$"""{"number":"{{extension}}","recording":"{{policy}}"}""", Cancel);

    private async Task<HashSet<string>> KnownAsync() => [.. (await RecordingsAsync(Cancel)).Select(r => r.GetProperty("id").GetString()!)];

    private async Task<(JsonElement Recording, string Path, WaveFile Wave)> RecordedAsync(HashSet<string> before)
    {
        JsonElement recording = await UntilAsync(async cancel =>
        {
            JsonElement found = (await RecordingsAsync(cancel)).FirstOrDefault(r => !before.Contains(r.GetProperty("id").GetString()!));
            return (found.ValueKind != JsonValueKind.Undefined, found);
        });
        string path = $"tenants/{Tenant}/recordings/{recording.GetProperty("id").GetString()}";
        byte[] octets = await UntilAsync(async cancel => await fixture.Phones.Api.TryGetOctetsAsync($"{path}/audio", cancel) is { } audio ? (true, audio) : (false, []));
        Assert.Equal(WaveParseError.None, WaveFile.TryRead(octets, out WaveFile? wave));
        return (recording, path, wave!);
    }

    private static short[] Channel(WaveFile wave, int channel) => [.. wave.Samples.Where((_, i) => i % 2 == channel)];

    private static void Measure(WaveFile wave, int channel, double hertz)
    {
        short[] samples = Channel(wave, channel);
        Measure(samples.AsSpan(samples.Length / 2, wave.SampleRate / 2), wave.SampleRate, hertz);
    }

    private static void Measure(ReadOnlySpan<short> samples, int rate, double hertz)
    {
        ToneMeasurement heard = ToneDetector.Measure(samples, rate);
        Assert.InRange(heard.Hertz, hertz - 5, hertz + 5);
        Assert.True(heard.Purity > 0.9, $"{hertz} Hz: {heard}");
    }

    private async Task<JsonElement[]> RecordingsAsync(CancellationToken cancel) => [.. (await fixture.Phones.Api.GetAsync($"tenants/{Tenant}/recordings", cancel)).GetProperty("items").EnumerateArray()];

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

    private async Task<Baresip> StartAsync(string extension, SipTransport transport, PhoneEncryption encryption, int tone, string codec, string server = "127.0.0.1")
    {
        PhoneAccount account = fixture.Phones.Account(extension, transport, encryption) with { ToneHertz = tone, Codecs = [codec], Server = server };
        Baresip phone = await Baresip.StartAsync(account, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
