namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>A running product that has IPv6 alone.</summary>
public sealed class IPv6Product : ProductFixture
{
    protected override IReadOnlyList<string> Options => ["--bind", "::1"];
}
