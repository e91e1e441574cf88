namespace CloudPbx.Scenarios.RealPhones;

/// <summary>Phones that we did not write come one after the other: each is several processes, and what they hear is measured.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealPhonesGroup : ICollectionFixture<ProductFixture>
{
    public const string Name = "Phones that we did not write";
}
