using System.Text.Json;
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
}
