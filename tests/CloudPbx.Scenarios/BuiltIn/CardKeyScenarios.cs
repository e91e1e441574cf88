using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;
using CloudPbx.Softphone;
using CloudPbx.TestKit;

namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>SECURITY.md S34 between two phones of a tenant, by their keys alone, and with the most talkative log that there is.</summary>
[Collection(BuiltInPhonesGroup.Name)]
public sealed partial class CardKeyScenarios
{
    private const string Card = "4929103658142037";               // no two that are alike stand together

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S34_a_pause_by_star_one_keeps_a_cards_keys_out_of_sound_trace_events_log_and_files()
    {
        await using RunningProduct pbx = await RunningProduct.StartAsync(["--log-level", "Trace"], Cancel);
        await using Company company = await Company.FoundAsync(pbx, Cancel);
        string tenant = $"tenants/{company.Name}";
        await pbx.Api.PutAsync($"{tenant}/extensions/100", """{"number":"100","recording":"always"}""", Cancel);
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
        (PhoneCall atAlice, PhoneCall atBob) = await CallScenarios.TalkAsync(alice, bob, "101");
        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 400, 600);
        await Keys.SpeakAsync(atAlice, 50);
        await Keys.PressAsync(atAlice, "*1");
        string id = await UntilAsync(pbx, tenant, "paused");

        int begin = pbx.Process.Output.Count;
        await Keys.PressAsync(atBob, Card);                       // RFC 4733
        await atAlice.Audio.WaitForDigitsAsync(Card, Deadlines.Media);
        foreach (char key in Card)                                // by INFO, in both of its bodies; and who has none of it hears it
        {
            await atBob.RequestAsync(SipMethod.Info, new MessageBody("application/dtmf-relay", Encoding.ASCII.GetBytes($"Signal={key}\r\nDuration=120\r\n")));
            await atAlice.RequestAsync(SipMethod.Info, new MessageBody("application/dtmf", Encoding.ASCII.GetBytes($"{key}")));
        }
        int end = pbx.Process.Output.Count;

        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 440, 640);
        await Keys.PressAsync(atAlice, "*1");
        await UntilAsync(pbx, tenant, "running");
        await Keys.SpeakAsync(atAlice, 75);
        await atAlice.HangUpAsync();
        StoredRecording recording = Assert.Single(await StoredRecording.WaitAsync(pbx.Api, company.Name, 1, Cancel));
        await company.RecordAsync(1, Cancel);

        Assert.Single(recording.Notes("pause"));
        recording.AssertTones(0, 400, 440);
        recording.AssertTones(1, 600, 640);
        Assert.Equal(("", ""), (recording.Keys(0), recording.Keys(1)));
        foreach ((string what, string text) in new[]
        {
            ("the record", (await pbx.Api.GetAsync($"{tenant}/calls/{id}", Cancel)).GetRawText()),
            ("the trace", (await pbx.Api.GetAsync($"{tenant}/calls/{id}/ladder", Cancel)).GetRawText()),
            ("the events", (await pbx.Api.GetAsync($"{tenant}/events", Cancel)).GetRawText()),
            ("the log", pbx.Process.Tail(int.MaxValue)),
        })
        {
            Assert.False(text.Contains(Card, StringComparison.Ordinal), what);
            Assert.False(text.Contains("Signal=", StringComparison.OrdinalIgnoreCase), what);
        }

        // One by one among the lines of the log, legs and the like left out: not even their order.
        string alone = string.Concat(pbx.Process.Output.Snapshot().Skip(begin).Take(end - begin).Select(line => string.Concat(KeyAlone().Matches(Leg().Replace(line, "")).Select(match => match.Value))));
        Assert.False(Follow(alone, Card), alone);
        await pbx.Process.StopAsync();                            // then all of it is written, and nothing locked
        foreach (string file in Directory.EnumerateFiles(pbx.DataFolder, "*", SearchOption.AllDirectories))
        {
            byte[] octets = await ReadAsync(file);
            Assert.False(octets.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Card)) >= 0 || octets.AsSpan().IndexOf("Signal="u8) >= 0, file);
        }
    }

    private static bool Follow(string text, string keys)
    {
        int at = 0;
        foreach (char c in text)
            if (at < keys.Length && c == keys[at])
                at++;
        return at == keys.Length;
    }

    private static async Task<byte[]> ReadAsync(string file)
    {
        await using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using MemoryStream octets = new();
        await stream.CopyToAsync(octets, Cancel);
        return octets.ToArray();
    }

    // The API says nothing when a recording pauses: it is asked until it does, each answer before the next question.
    private static async Task<string> UntilAsync(RunningProduct pbx, string tenant, string state)
    {
        CancellationToken deadline = Deadlines.Media;
        while (true)
        {
            JsonElement call = (await pbx.Api.GetAsync($"{tenant}/calls/live", deadline)).GetProperty("items")[0];
            if (call.GetProperty("recording").GetString() == state)
                return call.GetProperty("id").GetString()!;
        }
    }

    [GeneratedRegex(@"(?<![\w.:\-/+])[0-9](?![\w.:\-/+])")]
    private static partial Regex KeyAlone();

    [GeneratedRegex(@"leg \d+", RegexOptions.IgnoreCase)]
    private static partial Regex Leg();
}
