using System.Net;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

/// <summary>A key that shows what a colleague does (RFC 6665, RFC 4235): sipp has the key, baresip is the colleague.</summary>
[Collection(RealPhonesGroup.Name)]
public sealed class BusyLampScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SipTransport.Udp, "127.0.0.75")]
    [InlineData(SipTransport.Tcp, "127.0.0.76")]
    public async Task A_key_shows_that_a_colleague_rings_talks_and_is_idle_again(SipTransport transport, string address)
    {
        await using Baresip alice = await StartAsync("100", 440);
        await using Baresip bob = await StartAsync("101", 620);
        IPEndPoint at = new(IPAddress.Parse(address), FreePort.Udp());
        await using Sipp key = await Sipp.WatchAsync(fixture.Phones.Account("103", transport), at, "101", Cancel);
        await key.ShowsAsync("watching", Cancel);
        IRealCall atAlice = await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await key.ShowsAsync("early", Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await key.ShowsAsync("confirmed", Cancel);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
        await key.ShowsAsync("idle", Cancel);
        SippOutcome outcome = await key.FinishedAsync(TimeSpan.Zero, Cancel);
        Assert.True(outcome is { ExitCode: 0, Successful: 1, Failed: 0 }, outcome.Log);
    }

    private async Task<Baresip> StartAsync(string extension, int hertz)
    {
        Baresip phone = await Baresip.StartAsync(fixture.Phones.Account(extension, SipTransport.Udp) with { ToneHertz = hertz }, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
