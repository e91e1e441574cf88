using CloudPbx.Audio.Tones;
using CloudPbx.Softphone;

namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>A conference room that is entered and led by the keys of a telephone; what it says is found again in what the phones hear.</summary>
[Collection(BuiltInPhonesGroup.Name)]
public sealed class ConferenceKeyScenarios(ProductFixture fixture)
{
    private const double LowHertz = 523.25, HighHertz = 659.26, HeardDbm0 = -30;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_PIN_is_asked_for_and_refused_and_taken_the_room_hears_who_comes_and_star_five_keeps_others_out()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await fixture.Pbx.Api.PostAsync($"tenants/{company.Name}/conferences", """{"number":"850","pin":"4711","moderatorPin":"9080"}""", Cancel);
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101"), carol = await company.RegisterAsync("102");

        PhoneCall atAlice = await DialAsync(alice);
        await PressAsync(atAlice, "1111#", "wrong-pin");
        await PressAsync(atAlice, "9080#", "conference-alone");
        PhoneCall atBob = await DialAsync(bob);
        await Keys.PressAsync(atBob, "4711");
        Task<IReadOnlyList<HeardSpeech>> entering = atAlice.Audio.CollectAsync(100, Deadlines.Media);
        await Keys.PressAsync(atBob, "#");
        AssertRises(await entering);
        await CallScenarios.HearEachOtherAsync(atAlice, atBob);

        PhoneCall guessing = await DialAsync(carol);
        await PressAsync(guessing, "1111#", "wrong-pin");
        await PressAsync(guessing, "2222#", "wrong-pin");
        await Keys.PressAsync(guessing, "3333#");
        Assert.Equal(CallEndedBy.Peer, (await guessing.Ended.WaitAsync(Deadlines.Signalling)).By);

        await PressAsync(atAlice, "*5", "conference-lock-on");
        PhoneCall outside = await DialAsync(carol);
        await PressAsync(outside, "4711#", "conference-locked", more: 10);
        Assert.Equal(CallEndedBy.Peer, (await outside.Ended.WaitAsync(Deadlines.Signalling)).By);
        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 480, 680);
        await Keys.PressAsync(atBob, "*5");                       // no moderator's
        outside = await DialAsync(carol);
        await PressAsync(outside, "4711#", "conference-locked", more: 10);

        await PressAsync(atAlice, "*5", "conference-lock-off");
        PhoneCall atCarol = await DialAsync(carol);
        await Keys.PressAsync(atCarol, "4711#");
        atBob.Play(Tone.Silence);
        await CallScenarios.HearEachOtherAsync(atAlice, atCarol, 520, 720);
        await atCarol.HangUpAsync();
        await atBob.HangUpAsync();
        await atAlice.HangUpAsync();
    }

    private static async Task<PhoneCall> DialAsync(Phone phone)
    {
        PhoneCall call = await phone.DialAsync("850");
        Task asked = Prompt.Of("en/enter-pin").HeardAsync(call);
        Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        await asked;
        return call;
    }

    private static async Task PressAsync(PhoneCall call, string keys, string prompt, int more = 50)
    {
        await Keys.PressAsync(call, keys[..^1]);
        Task heard = Prompt.Of($"en/{prompt}").HeardAsync(call, more);
        await Keys.PressAsync(call, keys[^1..]);
        await heard;
    }

    // A frame of 40 ms in which the one is heard, and one soon after it in which the other is.
    private static void AssertRises(IReadOnlyList<HeardSpeech> heard)
    {
        short[] samples = [.. heard.SelectMany(packet => packet.Samples)];
        int[] low = [.. Heard(samples, LowHertz)], high = [.. Heard(samples, HighHertz)];
        Assert.Contains(low, at => high.Any(after => after > at && after <= at + 6));
    }

    private static IEnumerable<int> Heard(short[] samples, double hertz) =>
        Enumerable.Range(0, (samples.Length / 160) - 1).Where(i => ToneDetector.LevelAt(samples.AsSpan(i * 160, 320), 8000, hertz) > HeardDbm0);
}
