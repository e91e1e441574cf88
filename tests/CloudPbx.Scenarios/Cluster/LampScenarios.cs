using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.Cluster;

/// <summary>A busy lamp (I69) while its tenant's worker drains or dies.</summary>
[Collection(ClusterGroup.Name)]
public sealed class LampScenarios(ClusterFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WorkerEnd.Drained)]
    [InlineData(WorkerEnd.Killed)]
    public async Task It_goes_on_with_higher_numbers_in_the_dialog_of_before(WorkerEnd end)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await using BusyLampKey key = BusyLampKey.At("127.0.0.78", fixture.Pbx, company.Account("102", SipTransport.Udp), "101");
        RawMessage accepted = await key.SubscribeAsync();
        Assert.Equal(200, accepted.Status);
        await key.NotifiedAsync();
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
        PhoneCall atAlice = await alice.DialAsync("101");
        PhoneCall atBob = await bob.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        Assert.Equal("early", (await key.NotifiedAsync()).Lamp);
        Assert.True((await atBob.AnswerAsync()).Accepted);
        (string lamp, int version, int cseq) = await key.NotifiedAsync();
        Assert.Equal("confirmed", lamp);
        atAlice.Play(new Tone(440));
        await atBob.Audio.WaitForToneAsync(440, Deadlines.Media);

        string worker = await fixture.Pbx.WorkerOfAsync(company.Name, Cancel);
        fixture.Pbx.Signal(worker, (int)end);
        await fixture.Pbx.EndedAsync(worker, Cancel);

        (string after, int nextVersion, int nextCSeq) = await key.NotifiedAsync();
        Assert.Equal("confirmed", after);
        Assert.True(nextVersion > version && nextCSeq > cseq, key.Trace);
        Assert.Equal(200, (await key.RefreshAsync(accepted)).Status);
        await key.NotifiedAsync();
        await atAlice.HangUpAsync();
        do (after, _, _) = await key.NotifiedAsync();                                      // what was told anew at the refresh may come once more
        while (after == "confirmed");
        Assert.Equal("terminated", after);
        await fixture.Pbx.RunsAgainAsync(worker, Cancel);
    }
}
