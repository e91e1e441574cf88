using System.Text.Json;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;
using CloudPbx.Softphone;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Namespaces;

namespace CloudPbx.Scenarios.Cluster;

/// <summary>The worker commands its media node by gRPC, as over a network that is not closed; the node, then the worker is killed.</summary>
public sealed class MediaByGrpcScenarios : IAsyncLifetime
{
    private const int SigKill = 9;

    private RunningCluster? _cluster;

    private RunningCluster Pbx => _cluster ?? throw new InvalidOperationException("the cluster is not started");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        string address = $"http://127.0.0.1:{FreePort.Tcp()}";
        _cluster = await RunningCluster.StartAsync(["--set", $"media.Media:Grpc={address}", "--set", $"media.Media:Advertise={address}"], Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_call_is_set_up_survives_both_ends_of_media_control_and_is_recorded_once()
    {
        await using Company company = await Company.FoundAsync(Pbx, Cancel);
        Phone alice = await company.RegisterAsync("100", SipTransport.Tls), bob = await company.RegisterAsync("101", SipTransport.Udp, SrtpPolicy.Off);
        (PhoneCall atAlice, PhoneCall atBob) = await CallScenarios.TalkAsync(alice, bob, "101");
        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 440, 940);

        Pbx.Signal("media", SigKill);
        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 520, 1020);

        string owner = await Pbx.WorkerOfAsync(company.Name, Cancel);
        Pbx.Signal(owner, SigKill);
        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 600, 1100);
        await Pbx.RunsAgainAsync(owner, Cancel);

        await atAlice.HangUpAsync();
        Assert.Equal(CallEndedBy.Peer, (await atBob.Ended.WaitAsync(Deadlines.Signalling)).By);
        JsonElement record = await company.RecordAsync(1, Cancel);
        Assert.Equal("answered", record.GetProperty("disposition").GetString());
    }
}
