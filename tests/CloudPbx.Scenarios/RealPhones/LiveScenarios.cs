using System.Text.Json;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

/// <summary>What a program that watches sees while real phones register and talk.</summary>
[Collection(RealPhonesGroup.Name)]
public sealed class LiveScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_phone_that_registers_is_called_and_talks_is_seen_at_each_step()
    {
        await using IAsyncEnumerator<(string Type, JsonElement Data)> events = fixture.Pbx.Api.EventsAsync("tenants/acme/live", Cancel).GetAsyncEnumerator(Cancel);
        await UntilAsync(events, "snapshot", _ => true);
        await using Baresip alice = await StartAsync("100", SipTransport.Udp, 440);
        await using Baresip bob = await StartAsync("101", SipTransport.Tls, 620);
        JsonElement idle = await StateAsync(events, "101", "idle");
        Assert.Equal("tls", idle.GetProperty("phones")[0].GetProperty("transport").GetString());
        Assert.Contains("baresip", idle.GetProperty("phones")[0].GetProperty("userAgent").GetString(), StringComparison.OrdinalIgnoreCase);

        var atAlice = (BaresipCall)await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await StateAsync(events, "101", "ringing");
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await StateAsync(events, "101", "talking");
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
        await StateAsync(events, "101", "idle");
    }

    private static Task<JsonElement> StateAsync(IAsyncEnumerator<(string Type, JsonElement Data)> events, string extension, string state) =>
        UntilAsync(events, "extension", data => data.GetProperty("number").GetString() == extension && data.GetProperty("state").GetString() == state);

    private static async Task<JsonElement> UntilAsync(IAsyncEnumerator<(string Type, JsonElement Data)> events, string type, Func<JsonElement, bool> wanted)
    {
        while (await events.MoveNextAsync().AsTask().WaitAsync(BuiltIn.Deadlines.Signalling, Cancel))
        {
            if (events.Current.Type == type && wanted(events.Current.Data))
                return events.Current.Data;
        }
        throw new InvalidOperationException("The stream ended.");
    }

    private async Task<Baresip> StartAsync(string extension, SipTransport transport, int tone)
    {
        Baresip phone = await Baresip.StartAsync(fixture.Phones.Account(extension, transport, PhoneEncryption.Preferred) with { ToneHertz = tone }, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
