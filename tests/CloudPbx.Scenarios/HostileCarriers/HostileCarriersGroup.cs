namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>The product under test for the scenarios with scripted carriers; each scenario has a tenant, a number and carriers of its own.</summary>
[CollectionDefinition(Name)]
public sealed class HostileCarriersGroup : ICollectionFixture<ProductFixture>
{
    public const string Name = "Scripted carriers";
}
