using System.Net;
using System.Text.Json.Nodes;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;
using CloudPbx.TestKit.Dns;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>A carrier of several servers, whose names an own name server knows (RFC 3263 §4.2, §4.3; INTEROP I27). A product of its own, which asks that one.</summary>
public sealed class ServerScenarios(NamedProduct fixture) : IClassFixture<NamedProduct>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task I27_a_server_that_refuses_is_acknowledged_the_next_one_is_called_and_one_that_failed_spoils_no_other()
    {
        // The first trunk's name leads to both.
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, carriers: 2, trunk: (trunk, place) =>
        {
            if (place == 0)
                trunk["server"] = new JsonObject { ["host"] = "hunted.test", ["transport"] = "udp" };
        });
        (HostileCarrier full, HostileCarrier free) = (scene.Carriers[0], scene.Carriers[1]);
        await using NameServer names = await NameServer.StartAsync(
            "hunted.test",
            [
                $"--srv-host=_sip._udp.hunted.test,a.hunted.test,{full.At.Port},10,0", $"--srv-host=_sip._udp.hunted.test,b.hunted.test,{free.At.Port},20,0",
                $"--host-record=a.hunted.test,{full.At.Address}", $"--host-record=b.hunted.test,{free.At.Address}",
            ],
            Cancel, fixture.NameServer.Port);

        PhoneCall call = await scene.DialAsync();
        RawMessage refused = await full.ExpectAsync("INVITE");
        Assert.EndsWith("@hunted.test", refused.RequestUri.Split(';')[0], StringComparison.Ordinal);      // I8
        full.Answer(refused, "503 Service Unavailable");
        Assert.Equal(refused.Branch, (await full.ExpectAsync("ACK")).Branch);                             // RFC 3261 §17.1.1.3
        RawMessage taken = await free.ExpectAsync("INVITE");
        Assert.Equal(refused.RequestUri, taken.RequestUri);
        free.Answer(taken, "200 OK", "", HostileCarrier.Pcmu);
        await free.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
        await call.HangUpAsync();
        free.Answer(await free.ExpectAsync("BYE"), "200 OK");

        PhoneCall last = await scene.DialAsync();
        RawMessage again = await free.ExpectAsync("INVITE");
        Assert.Equal(taken.RequestUri, again.RequestUri);                                                 // the other server is as good as before
        free.Answer(again, "486 Busy Here");
        await free.ExpectAsync("ACK");
        Assert.Equal(486, (await CarrierScene.EndedAsync(last)).StatusCode);                              // and nobody else is called
        Assert.Equal(2, free.Count("INVITE"));
    }

    [Fact]
    public async Task I27_where_all_servers_of_a_name_refuse_its_address_is_not_called_besides()      // RFC 3263 §4.2: A records only where there is no SRV record
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, carriers: 2, trunk: (trunk, place) =>
        {
            // The second trunk, whose carrier is a server of the first one's name, is not for calls.
            if (place == 0)
                trunk["server"] = new JsonObject { ["host"] = "full.test", ["transport"] = "udp" };
            else
                trunk["enabled"] = false;
        });
        await using HostileCarrier website = HostileCarrier.Listen(IPAddress.Parse("127.0.0.69"), new IPEndPoint(IPAddress.Loopback, fixture.Pbx.SipPort), port: 5060);      // where the name's address would be called
        await using NameServer names = await NameServer.StartAsync(
            "full.test",
            [
                $"--srv-host=_sip._udp.full.test,a.full.test,{scene.Carriers[0].At.Port},10,0", $"--srv-host=_sip._udp.full.test,b.full.test,{scene.Carriers[1].At.Port},20,0",
                $"--host-record=a.full.test,{scene.Carriers[0].At.Address}", $"--host-record=b.full.test,{scene.Carriers[1].At.Address}", $"--host-record=full.test,{website.At.Address}",
            ],
            Cancel, fixture.NameServer.Port);
        PhoneCall call = await scene.DialAsync();
        foreach (HostileCarrier server in scene.Carriers)
        {
            server.Answer(await server.ExpectAsync("INVITE"), "503 Service Unavailable");
            await server.ExpectAsync("ACK");
        }
        Assert.InRange((await CarrierScene.EndedAsync(call)).StatusCode, 500, 599);
        Assert.False(website.Has("INVITE"), website.Trace);
    }
}
