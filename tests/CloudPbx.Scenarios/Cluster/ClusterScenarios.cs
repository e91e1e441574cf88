using System.Text.Json;
using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;
using CloudPbx.Softphone;

namespace CloudPbx.Scenarios.Cluster;

/// <summary>What phones and API clients see of a cluster whose processes all live.</summary>
[Collection(ClusterGroup.Name)]
public sealed class ClusterScenarios(ClusterFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_phones_over_TLS_and_UDP_talk_and_the_record_is_stored_once()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(company);
        JsonElement registration = Assert.Single(await company.RegistrationsAsync(Cancel), r => r.GetProperty("extension").GetString() == "101");
        Assert.Equal("udp", registration.GetProperty("transport").GetString(), ignoreCase: true);
        await atAlice.HangUpAsync();
        Assert.Equal(CallEndedBy.Peer, (await atBob.Ended.WaitAsync(Deadlines.Signalling)).By);
        JsonElement record = await company.RecordAsync(1, Cancel);
        Assert.Equal("answered", record.GetProperty("disposition").GetString());
        Assert.All(record.GetProperty("media").EnumerateArray(), leg => Assert.True(leg.GetProperty("packetsReceived").GetInt64() > 5));
        // A second call's record comes by the same way later: by then a second copy of the first would be there as well.
        (atAlice, _) = await TalkAsync(company);
        await atAlice.HangUpAsync();
        await company.RecordAsync(2, Cancel);
        Assert.Equal(2, await company.RecordCountAsync(Cancel));
    }

    [Fact]
    public async Task Each_tenant_is_served_whichever_worker_the_edge_asks_first()
    {
        // Orleans places them as it likes; the edge, which knows none of them yet, asks any worker and is told where each lives.
        List<Company> companies = [];
        try
        {
            for (int i = 0; i < 4; i++)
            {
                Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
                companies.Add(company);
                (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(company);
                await atBob.HangUpAsync();
                Assert.Equal(CallEndedBy.Peer, (await atAlice.Ended.WaitAsync(Deadlines.Signalling)).By);
                Assert.Contains(await fixture.Pbx.WorkerOfAsync(company.Name, Cancel), fixture.Pbx.Workers);
            }
        }
        finally
        {
            foreach (Company company in companies) await company.DisposeAsync();
        }
    }

    private static async Task<(PhoneCall Caller, PhoneCall Callee)> TalkAsync(Company company)
    {
        Phone alice = await company.RegisterAsync("100", SipTransport.Tls), bob = await company.RegisterAsync("101", SipTransport.Udp, SrtpPolicy.Off);
        PhoneCall atAlice = await alice.DialAsync("101");
        PhoneCall atBob = await bob.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        Assert.True((await atBob.AnswerAsync()).Accepted);
        Assert.True((await atAlice.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        atAlice.Play(new Tone(440));
        atBob.Play(new Tone(620));
        await atBob.Audio.WaitForToneAsync(440, Deadlines.Media);
        await atAlice.Audio.WaitForToneAsync(620, Deadlines.Media);
        return (atAlice, atBob);
    }
}
