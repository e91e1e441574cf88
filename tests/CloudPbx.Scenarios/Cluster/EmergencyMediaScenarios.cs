using System.Net;
using System.Text.Json;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.Cluster;

/// <summary>SECURITY.md S36: two media nodes, one of which has ports for half a call. It is the one that calls begin on, since the other has more to do.</summary>
public sealed class EmergencyMediaScenarios : IAsyncLifetime
{
    private const string Small = "media-2";              // "media" would mean both

    private RunningCluster? _cluster;

    private RunningCluster Pbx => _cluster ?? throw new InvalidOperationException("the cluster is not started");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        int port = 2 * Random.Shared.Next(15_100, 16_400);        // below those of the other node
        _cluster = await RunningCluster.StartAsync(
            [
                "--media-nodes", "2", "--workers", "1",
                "--set", $"{Small}.Media:FirstPort={port}", "--set", $"{Small}.Media:LastPort={port + 1}", "--set", $"{Small}.Media:DrainIdleSeconds=0",
            ],
            Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task S36_a_call_for_help_whose_media_node_has_no_second_port_is_made_on_the_other_one()
    {
        await using HostileCarrier carrier = HostileCarrier.Listen(IPAddress.Parse("127.0.0.121"), new IPEndPoint(IPAddress.Parse(Pbx.Host), Pbx.SipPort));
        await using Company company = await Company.FoundAsync(Pbx, Cancel);
        await company.CallOutsideByAsync(carrier.At, "+49370003", Cancel);
        Phone alice = await company.RegisterAsync("100", SipTransport.Udp, SrtpPolicy.Off), bob = await company.RegisterAsync("101");

        // The other node gets something to do, and the small one nothing.
        PhoneCall first = await EchoAsync(bob);
        await Pbx.EventuallyAsync(async _ => await LegsAsync(small: true) + await LegsAsync(small: false) == 1, "the echo test is on a node", Cancel);
        if (await LegsAsync(small: true) == 1)
        {
            await EchoAsync(await company.RegisterAsync("102"));
            await first.HangUpAsync();
            await Pbx.EventuallyAsync(async _ => await LegsAsync(small: true) == 0 && await LegsAsync(small: false) == 1, "the small node has nothing to do", Cancel);
        }

        // Any other call is refused there; one that began on the other node after all, before the worker had heard of the loads, is tried again.
        Task<RawMessage> invited = carrier.ExpectAsync("INVITE", Deadlines.Takeover);
        await Pbx.EventuallyAsync(
            async cancel =>
            {
                PhoneCall refused = await alice.DialAsync("9+4989222333");
                if (await Task.WhenAny(refused.Ended, invited) == invited)
                {
                    carrier.Answer(await invited, "486 Busy Here");
                    invited = carrier.ExpectAsync("INVITE", Deadlines.Takeover);
                }
                return (await refused.Ended.WaitAsync(Deadlines.Signalling, cancel)).StatusCode == 503;
            },
            "a call finds no port", Cancel);
        Assert.Contains("No free media port for leg", Pbx.LogOf(Small), StringComparison.Ordinal);

        PhoneCall call = await alice.DialAsync("112");
        RawMessage invite = await carrier.InvitedAsync(call, Pbx, invited);
        Assert.StartsWith("INVITE sip:112@", invite.StartLine, StringComparison.Ordinal);
        carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
        await carrier.ExpectAsync("ACK");
        Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        using (carrier.Media.Play(620, invite.Audio))
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        Assert.Equal(0, await LegsAsync(small: true));
        await call.HangUpAsync();
        carrier.Answer(await carrier.ExpectAsync("BYE"), "200 OK");
    }

    private static async Task<PhoneCall> EchoAsync(Phone phone)
    {
        PhoneCall call = await phone.DialAsync("*43");
        Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        return call;
    }

    private async Task<int> LegsAsync(bool small) => (await Pbx.Api.GetAsync("nodes", Cancel)).GetProperty("items").EnumerateArray()
        .Single(node => node.GetProperty("kind").GetString() == "media" && node.GetProperty("address").GetString()!.Contains($"/{Small}-", StringComparison.Ordinal) == small)
        .GetProperty("legs").GetInt32();
}
