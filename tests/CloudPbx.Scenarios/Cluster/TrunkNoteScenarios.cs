using System.Net;
using System.Text.Json;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.Cluster;

/// <summary>What a worker has learned of a trunk (I1, and the call that its carrier did not take) while it drains or dies.</summary>
[Collection(ClusterGroup.Name)]
public sealed class TrunkNoteScenarios(ClusterFixture fixture)
{
    private const string Callee = "9+4989222333", Reliable = "Require: 100rel\nRSeq: 4711";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WorkerEnd.Drained, "+49370001")]
    [InlineData(WorkerEnd.Killed, "+49370002")]
    public async Task I1_the_next_worker_knows_what_the_carrier_taught_and_which_call_it_did_not_take(WorkerEnd end, string number)
    {
        await using HostileCarrier carrier = HostileCarrier.Listen(IPAddress.Parse("127.0.0.120"), new IPEndPoint(IPAddress.Parse(fixture.Pbx.Host), fixture.Pbx.SipPort));
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await company.CallOutsideByAsync(carrier.At, number, Cancel);
        Phone alice = await company.RegisterAsync("100", SipTransport.Udp, SrtpPolicy.Off);

        PhoneCall call = await alice.DialAsync(Callee);
        carrier.Answer(await carrier.InvitedAsync(call, fixture.Pbx), "403 Not With Us");
        await carrier.ExpectAsync("ACK");
        await call.Ended.WaitAsync(Deadlines.Signalling);

        call = await alice.DialAsync(Callee);
        RawMessage invite = await carrier.InvitedAsync(call, fixture.Pbx);
        Assert.Contains("100rel", invite["Supported"], StringComparison.Ordinal);
        carrier.Answer(invite, "183 Session Progress", Reliable, HostileCarrier.Pcmu);
        carrier.Answer(await carrier.ExpectAsync("PRACK"), "405 Method Not Allowed", "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS");
        carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
        await carrier.ExpectAsync("ACK");
        await call.Answered.WaitAsync(Deadlines.Signalling);
        await call.HangUpAsync();
        // A worker writes within a second; by the third retransmission of the BYE three and a half have passed (RFC 3261 §17.1.2.2).
        RawMessage bye = await carrier.ExpectAsync("BYE");
        for (int i = 0; i < 3; i++)
            await carrier.ExpectAgainAsync(bye);
        carrier.Answer(bye, "200 OK");
        JsonElement before = await StatusAsync(company);
        Assert.Contains("405", Text(before, "rel100Learned"), StringComparison.Ordinal);
        Assert.Equal((403, "Not With Us"), (before.GetProperty("lastCallFailure").GetProperty("status").GetInt32(), Text(before.GetProperty("lastCallFailure"), "reason")));

        string worker = await fixture.Pbx.WorkerOfAsync(company.Name, Cancel);
        fixture.Pbx.Signal(worker, (int)end);
        await fixture.Pbx.EndedAsync(worker, Cancel);

        JsonElement after = default;
        await fixture.Pbx.EventuallyAsync(async _ => (after = await StatusAsync(company)).ValueKind == JsonValueKind.Object, "another worker has the trunk", Cancel);
        foreach (string member in new[] { "rel100Learned", "lastCallFailure", "callsAgainSince" })
            Assert.Equal(before.GetProperty(member).GetRawText(), after.GetProperty(member).GetRawText());
        Phone bob = await company.RegisterAsync("101", SipTransport.Udp, SrtpPolicy.Off);
        call = await bob.DialAsync(Callee);
        Assert.DoesNotContain("100rel", (await carrier.InvitedAsync(call, fixture.Pbx))["Supported"], StringComparison.Ordinal);
        await fixture.Pbx.RunsAgainAsync(worker, Cancel);
    }

    private Task<JsonElement> StatusAsync(Company company) => fixture.Pbx.Api.GetAsync($"tenants/{company.Name}/trunks/carrier/status", Cancel);

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString() ?? "";
}
