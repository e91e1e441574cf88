using CloudPbx.TestKit;

namespace CloudPbx.Scenarios;

/// <summary>One running product for the scenarios of a class; every scenario uses extensions of its own.</summary>
public class ProductFixture : IAsyncLifetime
{
    private RunningProduct? _product;

    /// <summary>Settings in which it differs from what everybody has.</summary>
    protected virtual IReadOnlyDictionary<string, string?>? Environment => null;

    /// <summary>More options of <c>run</c>.</summary>
    protected virtual IReadOnlyList<string> Options => [];

    public RunningProduct Pbx => _product ?? throw new InvalidOperationException("the product is not started");

    public IPbxUnderTest Phones => Pbx;

    public async ValueTask InitializeAsync() => _product = await RunningProduct.StartAsync(Options, TestContext.Current.CancellationToken, Environment);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_product is not null) await _product.DisposeAsync();
    }
}
