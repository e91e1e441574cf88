using System.Text.Json;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Scenarios.RealPhones;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;
using CloudPbx.Softphone;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.Cluster;

/// <summary>Two media nodes; the one that a call stands on is drained, told to stop, or killed.</summary>
public sealed class MediaNodeScenarios : IAsyncLifetime
{
    private const int SigKill = 9, SigTerm = 15;

    private RunningCluster? _cluster;

    private RunningCluster Pbx => _cluster ?? throw new InvalidOperationException("the cluster is not started");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await RunningCluster.StartAsync(["--media-nodes", "2", "--workers", "1"], Cancel);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_call_leaves_a_media_node_that_is_drained_told_to_stop_or_killed_and_both_hear_each_other_again()
    {
        await using Company company = await Company.FoundAsync(Pbx, Cancel);
        Phone alice = await company.RegisterAsync("100", SipTransport.Tls), bob = await company.RegisterAsync("101", SipTransport.Udp, SrtpPolicy.Off);
        (PhoneCall atAlice, PhoneCall atBob) = await CallScenarios.TalkAsync(alice, bob, "101");
        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 440, 940);

        // By the operator's wish: the node lives on, but nothing is on it any more.
        JsonElement busy = await BusyNodeAsync();
        string first = busy.GetProperty("id").GetString()!;
        await Pbx.Api.OrderAsync($"nodes/{first}/drain", Cancel);
        await Pbx.EventuallyAsync(async _ => await LegsAsync(first) == 0 && (await BusyNodeAsync()).GetProperty("id").GetString() != first, "the call is on the other node", Cancel);
        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 480, 980);
        await Pbx.Api.DeleteAsync($"nodes/{first}/drain", Cancel);
        await Pbx.EventuallyAsync(async _ => !(await NodeAsync(first)).GetProperty("draining").GetBoolean(), "the drain is over", Cancel);

        // By SIGTERM: it waits until the call has left.
        string second = (await BusyNodeAsync()).GetProperty("id").GetString()!, process = ProcessOf(await NodeAsync(second));
        Pbx.Signal(process, SigTerm);
        await Pbx.EndedAsync(process, Cancel);
        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 520, 1020);
        await Pbx.RunsAgainAsync(process, Cancel);

        // kill -9: the phones are asked again as soon as it is noticed.
        string third = (await BusyNodeAsync()).GetProperty("id").GetString()!;
        process = ProcessOf(await NodeAsync(third));
        Pbx.Signal(process, SigKill);
        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 560, 1060);
        Assert.False(atAlice.Ended.IsCompleted || atBob.Ended.IsCompleted);

        await atAlice.HangUpAsync();
        Assert.Equal(CallEndedBy.Peer, (await atBob.Ended.WaitAsync(Deadlines.Signalling)).By);
        JsonElement record = await company.RecordAsync(1, Cancel);
        Assert.Equal("answered", record.GetProperty("disposition").GetString());
    }

    /// <summary>A real phone that encrypts by our key and one that does not: both send elsewhere when they are asked to.</summary>
    [Fact]
    public async Task Two_baresips_hear_each_other_again_when_their_media_node_is_drained()
    {
        IPbxUnderTest pbx = Pbx;
        await using Baresip alice = await BaresipAsync(pbx.Account("104", SipTransport.Tls, PhoneEncryption.Required), 440);
        await using Baresip bob = await BaresipAsync(pbx.Account("105", SipTransport.Udp, PhoneEncryption.Never), 620);
        IRealCall atAlice = await alice.DialAsync("105", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);

        string first = (await BusyNodeAsync()).GetProperty("id").GetString()!;
        await Pbx.Api.OrderAsync($"nodes/{first}/drain", Cancel);
        await Pbx.EventuallyAsync(async _ => await LegsAsync(first) == 0, "nothing is on the node", Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await Pbx.Api.DeleteAsync($"nodes/{first}/drain", Cancel);

        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    private static async Task<Baresip> BaresipAsync(PhoneAccount account, int hertz)
    {
        Baresip phone = await Baresip.StartAsync(account with { ToneHertz = hertz }, null, Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }

    private static string ProcessOf(JsonElement node) => node.GetProperty("address").GetString()!.Contains("/media-2-", StringComparison.Ordinal) ? "media-2" : "media";

    private async Task<IReadOnlyList<JsonElement>> NodesAsync() =>
        [.. (await Pbx.Api.GetAsync("nodes", Cancel)).GetProperty("items").EnumerateArray().Where(node => node.GetProperty("kind").GetString() == "media")];

    private async Task<JsonElement> NodeAsync(string id) => (await NodesAsync()).Single(node => node.GetProperty("id").GetString() == id);

    private async Task<int> LegsAsync(string id) => (await NodeAsync(id)).GetProperty("legs").GetInt32();

    /// <summary>The node that says that legs stand on it.</summary>
    private async Task<JsonElement> BusyNodeAsync()
    {
        JsonElement? busy = null;
        await Pbx.EventuallyAsync(
            async _ =>
            {
                JsonElement[] with = [.. (await NodesAsync()).Where(node => node.GetProperty("legs").GetInt32() > 0)];
                busy = with.Length == 1 ? with[0] : null;
                return busy is not null;
            },
            "one node says that it has legs", Cancel);
        return busy!.Value;
    }
}
