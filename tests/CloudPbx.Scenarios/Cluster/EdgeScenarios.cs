using System.Text.Json;
using CloudPbx.TestKit;

namespace CloudPbx.Scenarios.Cluster;

/// <summary>Two edges, one of which dies for good.</summary>
public sealed class EdgeScenarios : IAsyncLifetime
{
    private const int SigKill = 9;

    private RunningCluster? _cluster;

    private RunningCluster Pbx => _cluster ?? throw new InvalidOperationException("the cluster is not started");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await RunningCluster.StartAsync(["--edges", "2", "--leave-dead", "edge"], Cancel);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_line_whose_edge_dies_and_stays_dead_goes_to_the_other_one_and_has_exactly_one_registration_there()
    {
        await using LineScene scene = await LineScene.StartAsync(Pbx);
        IReadOnlyList<int> before = await scene.OneLiveRegistrationAsync("at first");
        int[] ports = [.. await PortsAsync()];
        Assert.Equal(2, ports.Length);
        Assert.Subset(ports.ToHashSet(), before.ToHashSet());

        int dead = before[0], other = ports.Single(port => port != dead);
        LineScene.Line[] moving = [.. scene.Lines.Where((_, place) => before[place] == dead)];
        DateTime?[] since = await Task.WhenAll(moving.Select(scene.RegisteredSinceAsync));
        string process = dead == Pbx.SipPort ? "edge" : "edge-2";
        Pbx.Signal(process, SigKill);
        await Pbx.EndedAsync(process, Cancel);
        await scene.PhonesAtAsync(other);
        for (int i = 0; i < moving.Length; i++)
            await Pbx.EventuallyAsync(async _ => await scene.RegisteredSinceAsync(moving[i]) is { } anew && anew > since[i], $"{moving[i].Account} is registered anew", Cancel);
        Assert.Equal([other, other], await scene.OneLiveRegistrationAsync($"after the death of {process}"));
        await Pbx.EventuallyAsync(async _ => (await PortsAsync()).SequenceEqual([other]), "one edge announces itself", Cancel);
    }

    /// <summary>The edges' ports, as they announce them.</summary>
    private async Task<IReadOnlyList<int>> PortsAsync() =>
    [
        .. (await Pbx.Api.GetAsync("nodes", Cancel)).GetProperty("items").EnumerateArray()
            .Where(node => node.GetProperty("kind").GetString() == "edge")
            .Select(node => int.Parse(node.GetProperty("address").GetString()!.Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture)),
    ];
}
