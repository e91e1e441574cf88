namespace CloudPbx.Scenarios.Cluster;

/// <summary>The scenarios that share one cluster; they run one after the other, since some of them kill its processes.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterGroup : ICollectionFixture<ClusterFixture>
{
    public const string Name = "The cluster";
}
