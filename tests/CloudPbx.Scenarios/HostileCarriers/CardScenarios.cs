using System.Text.Json;
using CloudPbx.Audio.Tones;
using CloudPbx.Rtp.Events;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>SECURITY.md S34: a card's number that is keyed in while the recording is paused is kept nowhere, in whatever way the keys come.</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class CardScenarios(ProductFixture fixture)
{
    private const string Card = "4929103658142037";               // no two that are alike stand together, and its last stands nowhere else
    private const string WithEvents = "m=audio [media] RTP/AVP 0 101\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S34_sixteen_keys_in_the_pause_of_a_recording_are_in_no_sound_trace_event_or_log()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        string tenant = $"tenants/{scene.Company.Name}";
        await fixture.Pbx.Api.PutAsync($"{tenant}/extensions/100", """{"number":"100","recording":"always"}""", Cancel);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<List<string>> watched = WatchAsync($"{tenant}/live", over.Token);
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync("", HostileCarrier.Pcmu[..HostileCarrier.Pcmu.IndexOf("m=", StringComparison.Ordinal)] + WithEvents);
        await HearEachOtherAsync(carrier, call, invite);
        string id = (await fixture.Pbx.Api.GetAsync($"{tenant}/calls/live", Cancel)).GetProperty("items")[0].GetProperty("id").GetString()!;
        await fixture.Pbx.Api.PostAsync($"{tenant}/calls/live/{id}/recording", """{"step":"pause"}""", Cancel);

        foreach (char key in Card)                                // RFC 4733, the customer's
        {
            call.Press(key);
            while (await carrier.Media.ReceiveAsync(101) is var pressed && (pressed[0] != TelephoneEvent.CodeOf(key) || (pressed[1] & 0x80) == 0))
                continue;
        }
        call.Audio.Say(Dtmf.Generate(Card, 8000));                // in the sound
        await carrier.Media.HearKeyAsync(852, 1209);
        for (int i = 0; i < 3 * Card.Length; i++)                 // and the other side's: the end of each three times
            carrier.Media.Send(101, [TelephoneEvent.CodeOf(Card[i / 3])!.Value, 0x8A, 3, 32], invite.Audio, timestamp: 1_000_000 + (16_000 * (uint)(i / 3)));
        await carrier.Media.SayAsync(Dtmf.Generate(Card, 8000), invite.Audio);
        RawDialog dialog = carrier.Dialog(invite);
        foreach (char key in Card)                                // and by INFO
        {
            dialog.Send("INFO", "Content-Type: application/dtmf-relay", $"Signal={key}\nDuration=100\n");
            await carrier.ExpectAsync("200 INFO | 415 INFO | 405 INFO | 500 INFO");
        }

        await fixture.Pbx.Api.PostAsync($"{tenant}/calls/live/{id}/recording", """{"step":"resume"}""", Cancel);
        await HearEachOtherAsync(carrier, call, invite);
        await scene.HangUpAsync(call);
        await scene.RecordAsync();
        StoredRecording recording = Assert.Single(await StoredRecording.WaitAsync(fixture.Pbx.Api, scene.Company.Name, 1, Cancel));
        await over.CancelAsync();

        Assert.Single(recording.Notes("pause"));
        Assert.Equal(8000, recording.Wave.SampleRate);
        foreach ((int channel, double hertz) in ((int, double)[])[(0, 440), (1, 620)])
        {
            short[] samples = recording.Channel(channel);
            Assert.Equal("", recording.Keys(channel));
            Assert.InRange(ToneDetector.Measure(samples.AsSpan(^4000..^2000), 8000).Hertz, hertz - 5, hertz + 5);         // it did go on
        }
        foreach ((string what, string text) in new[]
        {
            ("the record", (await fixture.Pbx.Api.GetAsync($"{tenant}/calls/{id}", Cancel)).GetRawText()),
            ("the trace", (await fixture.Pbx.Api.GetAsync($"{tenant}/calls/{id}/ladder", Cancel)).GetRawText()),
            ("the events, which webhooks carry", (await fixture.Pbx.Api.GetAsync($"{tenant}/events", Cancel)).GetRawText()),
            ("the recording's entry", recording.Entry.GetRawText()),
            ("what is watched live", string.Concat(await watched)),
            ("the log", fixture.Pbx.Process.Tail(int.MaxValue)),
        })
        {
            Assert.False(text.Contains(Card, StringComparison.Ordinal), what);
            Assert.False(text.Contains("Signal=", StringComparison.OrdinalIgnoreCase) || text.Contains("\"digit", StringComparison.OrdinalIgnoreCase), what);      // nor one by one
        }
    }

    private static async Task HearEachOtherAsync(HostileCarrier carrier, PhoneCall call, RawMessage invite)
    {
        using IDisposable tone = carrier.Media.Play(620, invite.Audio);
        call.Play(new Tone(440));
        await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        await carrier.Media.HearAsync(440);
        await call.Audio.CollectAsync(50, Deadlines.Media);       // a second that the recording has to have
    }

    private async Task<List<string>> WatchAsync(string path, CancellationToken cancel)
    {
        List<string> told = [];
        try
        {
            await foreach ((string type, JsonElement data) in fixture.Pbx.Api.EventsAsync(path, cancel))
                told.Add($"{type} {data.GetRawText()}");
        }
        catch (OperationCanceledException)
        {
            // it has seen all
        }
        return told;
    }
}
