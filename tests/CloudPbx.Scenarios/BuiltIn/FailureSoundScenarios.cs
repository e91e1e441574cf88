using System.Text.Json.Nodes;
using CloudPbx.Audio.Tones;
using CloudPbx.Softphone;

namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>What a caller hears of a call that failed: a sentence in the tenant's language, a tone of its country.</summary>
[Collection(BuiltInPhonesGroup.Name)]
public sealed class FailureSoundScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("en", "en", "999", "unknown-number", 404)]
    [InlineData("zh-CN", "zh", "999", "unknown-number", 404)]
    [InlineData("zh-CN", "zh", "102", "not-available", 480)]
    public async Task A_call_that_cannot_be_placed_says_why_in_the_tenants_language(string language, string folder, string number, string prompt, int status)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await ChangeAsync(company, document => (document["language"], document["announcements"]) = (language, true));
        Phone alice = await company.RegisterAsync("100");
        PhoneCall call = await alice.DialAsync(number);
        await Prompt.Of($"{folder}/{prompt}").HeardAsync(call);
        Assert.Equal(status, (await call.Ended.WaitAsync(Deadlines.Signalling)).StatusCode);
        Assert.Contains(183, call.Progress);                      // as early media (RFC 3960 §3)
    }

    [Theory]
    [InlineData("US", 480, 620, 500, 500)]                        // ITU-T E.180 supplement 2
    [InlineData("GB", 400, 0, 375, 375)]
    [InlineData("CN", 450, 0, 350, 350)]
    public async Task A_busy_tone_is_the_countrys(string country, double hertz, double second, int on, int off)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await ChangeAsync(company, document => document["outside"] = new JsonObject { ["country"] = country });
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
        await fixture.Pbx.Api.PostAsync($"tenants/{company.Name}/calls/live", """{"from":"100","to":"101"}""", Cancel);
        PhoneCall atAlice = await alice.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        Assert.True((await atAlice.AnswerAsync()).Accepted);
        PhoneCall atBob = await bob.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        await atBob.RejectAsync(486);
        short[] samples = [.. (await atAlice.Audio.CollectAsync(150, Deadlines.Media)).TakeLast(100).SelectMany(packet => packet.Samples)];        // two seconds, the ringing before it over
        bool[] heard = [.. Enumerable.Range(0, samples.Length / 160).Select(i => AudioLevel.Of(samples.AsSpan(i * 160, 160)) > -30)];
        Assert.InRange(heard.Count(loud => loud) * 20.0, 2000.0 * on / (on + off) * 0.8, 2000.0 * on / (on + off) * 1.25);
        int[] turns = [.. Enumerable.Range(1, heard.Length - 1).Where(i => heard[i] != heard[i - 1])];
        Assert.All(turns.Skip(1).Zip(turns), pair => Assert.InRange((pair.First - pair.Second) * 20, (heard[pair.Second] ? on : off) - 25, (heard[pair.Second] ? on : off) + 25));
        int begin = turns.First(i => heard[i]);
        ReadOnlySpan<short> tone = samples.AsSpan((begin + 1) * 160, 10 * 160);
        foreach (double part in new[] { hertz, second }.Where(part => part > 0))
            Assert.InRange(ToneDetector.LevelAt(tone, 8000, part), -20, -10);
        if (second == 0)
            Assert.InRange(ToneDetector.Measure(tone, 8000).Hertz, hertz - 5, hertz + 5);
        Assert.Equal(CallEndedBy.Peer, (await atAlice.Ended.WaitAsync(Deadlines.Signalling)).By);
    }

    private async Task ChangeAsync(Company company, Action<JsonObject> change)
    {
        JsonObject document = JsonNode.Parse((await fixture.Pbx.Api.GetAsync($"tenants/{company.Name}/document", Cancel)).GetRawText())!.AsObject();
        change(document);
        await fixture.Pbx.Api.PutAsync($"tenants/{company.Name}/document", document.ToJsonString(), Cancel);
    }
}
