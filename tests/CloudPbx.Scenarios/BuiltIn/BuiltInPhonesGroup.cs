namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>The product under test for the scenarios with our own phones; each scenario has tenants of its own.</summary>
[CollectionDefinition(Name)]
public sealed class BuiltInPhonesGroup : ICollectionFixture<ProductFixture>
{
    public const string Name = "Our own phones";
}
