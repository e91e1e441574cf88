using CloudPbx.TestKit;

namespace CloudPbx.Scenarios;

/// <summary>One running product for the scenarios of a class; every scenario uses extensions of its own.</summary>
public sealed class ProductFixture : IAsyncLifetime
{
    private RunningProduct? _product;

    public RunningProduct Pbx => _product ?? throw new InvalidOperationException("the product is not started");

    public IPbxUnderTest Phones => Pbx;

    public async ValueTask InitializeAsync() => _product = await RunningProduct.StartAsync([], TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_product is not null) await _product.DisposeAsync();
    }
}
