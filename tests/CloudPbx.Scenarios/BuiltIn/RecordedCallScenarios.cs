using System.Text.Json;
using System.Text.Json.Nodes;
using CloudPbx.Audio.Tones;
using CloudPbx.Sip.Messages;
using CloudPbx.Softphone;
using static CloudPbx.Scenarios.StoredRecording;

namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>A call is one recording, whatever becomes of it.</summary>
[Collection(BuiltInPhonesGroup.Name)]
public sealed class RecordedCallScenarios(ProductFixture fixture)
{
    private static readonly TimeSpan s_near = TimeSpan.FromMilliseconds(400);      // between a tone's beginning at a phone and its place in the recording, on a busy machine

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hold_a_blind_and_an_attended_transfer_are_in_one_recording_and_nothing_moves_in_it()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        string tenant = $"tenants/{company.Name}";
        await fixture.Pbx.Api.PutAsync($"{tenant}/extensions/100", """{"number":"100","recording":"always"}""", Cancel);
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101"), carol = await company.RegisterAsync("102");
        (PhoneCall atAlice, PhoneCall atBob) = await CallScenarios.TalkAsync(alice, bob, "101");
        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 400, 600);

        Assert.True(await atAlice.HoldAsync(true));
        DateTime held = DateTime.UtcNow;
        atAlice.Play(new Tone(440));                              // what her phone lets hear while it holds
        await Keys.SpeakAsync(atAlice, 75);
        Assert.True(await atAlice.HoldAsync(false));
        DateTime resumed = DateTime.UtcNow;
        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 480, 640);

        Assert.Equal(202, (await atBob.TransferAsync(new SipUri(SipScheme.Sip, "102", company.Domain))).StatusCode);
        PhoneCall atCarol = await carol.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        Assert.True((await atCarol.AnswerAsync()).Accepted);
        await atBob.Ended.WaitAsync(Deadlines.Signalling);
        DateTime taken = DateTime.UtcNow;
        await CallScenarios.HearEachOtherAsync(atAlice, atCarol, 520, 680);

        Assert.True(await atCarol.HoldAsync(true));
        (PhoneCall consulting, PhoneCall consulted) = await CallScenarios.TalkAsync(carol, bob, "101");
        await CallScenarios.HearEachOtherAsync(consulting, consulted, 900, 940);
        Assert.Equal(202, (await atCarol.TransferAsync(consulting)).StatusCode);
        await atCarol.Ended.WaitAsync(Deadlines.Signalling);
        DateTime joined = DateTime.UtcNow;
        await CallScenarios.HearEachOtherAsync(atAlice, consulted, 560, 720);
        await atAlice.HangUpAsync();
        await consulted.Ended.WaitAsync(Deadlines.Signalling);

        StoredRecording recording = Assert.Single(await WaitAsync(fixture.Pbx.Api, company.Name, 1, Cancel));
        await company.RecordAsync(2, Cancel);
        JsonElement[] calls = [.. (await fixture.Pbx.Api.GetAsync($"{tenant}/calls", Cancel)).GetProperty("items").EnumerateArray()];
        JsonElement call = Assert.Single(calls, record => record.GetProperty("callerNumber").GetString() == "100");
        Assert.Equal(call.GetProperty("id").GetString(), recording.Entry.GetProperty("callId").GetString());
        Assert.Equal([recording.Entry.GetProperty("id").GetString()], call.GetProperty("recordings").EnumerateArray().Select(id => id.GetString()));
        Assert.False(recording.IsPartial);
        Assert.Equal(("100", "101"), (recording.Entry.GetProperty("from").GetString(), recording.Entry.GetProperty("to").GetString()));

        IReadOnlyList<HeardTone> left = recording.AssertTones(0, 400, 440, 480, 520, 560);
        IReadOnlyList<HeardTone> right = recording.AssertTones(1, 600, 640, 680, 720);
        foreach ((HeardTone tone, DateTime begun) in new[] { (left[1], held), (left[2], resumed), (right[1], resumed), (left[3], taken), (right[2], taken), (left[4], joined), (right[3], joined) })
            Assert.True((recording.StartedAt + tone.Start - begun).Duration() < s_near, $"{tone} began at {(begun - recording.StartedAt).TotalSeconds:F2} s");
        Assert.InRange(recording.Wave.Duration, call.GetProperty("endedAt").GetDateTime().ToUniversalTime() - recording.StartedAt - s_near, call.GetProperty("endedAt").GetDateTime().ToUniversalTime() - recording.StartedAt + s_near);
    }

    [Fact]
    public async Task Both_parties_hear_every_fifteen_seconds_the_tone_that_says_that_they_are_recorded()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await fixture.Pbx.Api.PutAsync($"tenants/{company.Name}/extensions/100", """{"number":"100","recording":"always","recordingNotice":"beep"}""", Cancel);
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
        PhoneCall atAlice = await alice.DialAsync("101");
        PhoneCall atBob = await bob.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        CancellationToken deadline = new CancellationTokenSource(TimeSpan.FromSeconds(40)).Token;
        Task<IReadOnlyList<HeardSpeech>>[] listening = [.. new[] { atAlice, atBob }.Select(call => call.Audio.CollectAsync(825, deadline))];      // sixteen and a half seconds
        Assert.True((await atBob.AnswerAsync()).Accepted);
        Assert.True((await atAlice.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        Assert.Equal("running", await StateAsync(company));
        foreach (Task<IReadOnlyList<HeardSpeech>> heard in listening)
        {
            short[] samples = [.. (await heard).SelectMany(packet => packet.Samples)];
            int[] loud = [.. Enumerable.Range(0, samples.Length / 160).Where(i => AudioLevel.Of(samples.AsSpan(i * 160, 160)) > -40)];
            int[] begins = [.. loud.Where(i => !loud.Contains(i - 1))];
            Assert.Equal(2, begins.Length);
            Assert.InRange(begins[1] - begins[0], 740, 775);      // 15 s, in packets of 20 ms
            foreach (int begin in begins)
            {
                Assert.InRange(loud.Count(i => i >= begin && i < begin + 100), 9, 11);                                       // 200 ms
                ToneMeasurement tone = ToneDetector.Measure(samples.AsSpan((begin + 2) * 160, 6 * 160), 8000);
                Assert.InRange(tone.Hertz, 1390, 1410);           // 47 CFR 64.501
                Assert.InRange(tone.LevelDbm0, -21.5, -18.5);
            }
        }
        await atAlice.HangUpAsync();
        StoredRecording recording = Assert.Single(await WaitAsync(fixture.Pbx.Api, company.Name, 1, Cancel));
        Assert.All([0, 1], channel => recording.AssertTones(channel));         // nobody has said anything, and the tone is ours
    }

    [Theory]
    [InlineData("en", "en")]
    [InlineData("zh-CN", "zh")]
    public async Task Both_parties_are_told_in_the_tenants_language_that_they_are_recorded_and_not_those_who_are_not(string language, string folder)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await NoticeAsync(company, language);
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101"), carol = await company.RegisterAsync("102");
        Prompt prompt = Prompt.Of($"{folder}/call-recorded");
        PhoneCall atAlice = await alice.DialAsync("101");
        PhoneCall atBob = await bob.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        Task[] hearing = [prompt.HeardAsync(atAlice, 50), prompt.HeardAsync(atBob, 50)];
        Assert.True((await atBob.AnswerAsync()).Accepted);
        await Task.WhenAll(hearing);
        Assert.Equal("running", await StateAsync(company));
        await atAlice.HangUpAsync();
        await atBob.Ended.WaitAsync(Deadlines.Signalling);

        (PhoneCall atCarol, atBob) = await CallScenarios.TalkAsync(carol, bob, "101");
        IReadOnlyList<HeardSpeech> heard = await atCarol.Audio.CollectAsync(75, Deadlines.Media);
        Assert.True(prompt.Likeness([.. heard.SelectMany(packet => packet.Samples)]) < 0.5, "a call that is not recorded says that it is");
        Assert.Equal("off", await StateAsync(company));
        await atCarol.HangUpAsync();
    }

    [Fact]
    public async Task Both_parties_of_a_programs_call_are_told_that_they_are_recorded()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await NoticeAsync(company, "en");
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
        await fixture.Pbx.Api.PostAsync($"tenants/{company.Name}/calls/live", """{"from":"100","to":"101"}""", Cancel);
        PhoneCall atAlice = await alice.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        Assert.True((await atAlice.AnswerAsync()).Accepted);
        PhoneCall atBob = await bob.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        Prompt prompt = Prompt.Of("en/call-recorded");
        Task[] hearing = [prompt.HeardAsync(atAlice, 100), prompt.HeardAsync(atBob, 50)];
        Assert.True((await atBob.AnswerAsync()).Accepted);
        await Task.WhenAll(hearing);
        await atAlice.HangUpAsync();
    }

    private async Task NoticeAsync(Company company, string language)
    {
        JsonObject document = JsonNode.Parse((await fixture.Pbx.Api.GetAsync($"tenants/{company.Name}/document", Cancel)).GetRawText())!.AsObject();
        (document["language"], document["recordingNotice"]) = (language, "announcement");
        await fixture.Pbx.Api.PutAsync($"tenants/{company.Name}/document", document.ToJsonString(), Cancel);
        await fixture.Pbx.Api.PutAsync($"tenants/{company.Name}/extensions/100", """{"number":"100","recording":"always"}""", Cancel);
    }

    private async Task<string?> StateAsync(Company company) =>
        (await fixture.Pbx.Api.GetAsync($"tenants/{company.Name}/calls/live", Cancel)).GetProperty("items")[0].GetProperty("recording").GetString();
}
