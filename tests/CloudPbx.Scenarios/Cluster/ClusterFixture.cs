using CloudPbx.TestKit;

namespace CloudPbx.Scenarios.Cluster;

/// <summary>One cluster for all scenarios; every scenario uses a company of its own, and waits until what it killed runs again.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private RunningCluster? _cluster;

    public RunningCluster Pbx => _cluster ?? throw new InvalidOperationException("the cluster is not started");

    public async ValueTask InitializeAsync() => _cluster = await RunningCluster.StartAsync([], TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }
}
