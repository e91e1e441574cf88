namespace CloudPbx.Scenarios.Attacks;

/// <summary>A running product that answers a scanner for as long as it asks: what its answers tell can be seen of all of them only.</summary>
public sealed class UntrappedProduct : ProductFixture
{
    protected override IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?> { ["Bans__TrapNames"] = "0" };
}
