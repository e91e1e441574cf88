using CloudPbx.Hosting.Web.Brands;

namespace CloudPbx.Hosting.Tests.Brands;

public sealed class BrandColorsTests
{
    /// <summary>Colours that brands have, and those that are hardest to read.</summary>
    public static TheoryData<string> Colors => ["#ffffff", "#000000", "#f5d90a", "#ff0000", "#00ff00", "#0000ff", "#0b5cad", "#7f7f7f", "#e20074", "#FFCC00", "#00a1de", "#111827"];

    [Theory]
    [MemberData(nameof(Colors))]
    public void Every_colour_is_worn_so_that_it_can_be_read(string chosen)               // WCAG 2.2, 1.4.3
    {
        BrandColors colors = BrandColors.Of(chosen)!;
        Assert.True(BrandColors.Contrast(colors.Light, "#ffffff") >= 4.5 && BrandColors.Contrast(colors.Light, "#f6f4ef") >= 4.5, colors.Light);
        Assert.True(BrandColors.Contrast(colors.Dark, "#182124") >= 4.5 && BrandColors.Contrast(colors.Dark, "#101719") >= 4.5, colors.Dark);
        Assert.True(BrandColors.Contrast(colors.Light, colors.OnLight) >= 4.5 && BrandColors.Contrast(colors.Dark, colors.OnDark) >= 4.5);
        Assert.True(BrandColors.Contrast(colors.Side, "#cfe0dc") >= 4.5, colors.Side);
    }

    [Fact]
    public void A_colour_that_can_be_read_stays_as_it_was_chosen() => Assert.Equal("#0b5cad", BrandColors.Of("#0b5cad")!.Light);

    [Fact]
    public void The_contrast_is_that_of_the_guideline()                                  // WCAG 2.2, "contrast ratio": black on white is 21 to 1
    {
        Assert.Equal(21, BrandColors.Contrast("#000000", "#ffffff"), 3);
        Assert.Equal(4.54, BrandColors.Contrast("#767676", "#ffffff"), 2);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("red")]
    [InlineData("#0b5cad;background:url(//evil.example)")]
    [InlineData("#12345")]
    [InlineData("#12345\n")]
    public void What_is_no_colour_gets_into_no_style(string? text) => Assert.Null(BrandColors.Of(text));

    [Theory]
    [InlineData("https://cdn.north.example/logo.svg", "https://cdn.north.example:443")]
    [InlineData("https://bücher.example:8443/logo.svg", "https://xn--bcher-kva.example:8443")]
    [InlineData("http://north.example/logo.svg", null)]
    [InlineData("javascript:alert(1)", null)]
    public void A_logo_is_an_image_by_https_and_its_place_fits_into_a_header(string logo, string? origin)
    {
        Brand brand = new("North", logo, "#0b5cad");
        Assert.Equal(origin, brand.LogoOrigin);
        Assert.Equal(origin is null, brand.Mark.StartsWith("data:image/svg+xml,", StringComparison.Ordinal));
    }

    [Fact]
    public void Who_has_set_nothing_has_the_products_look()
    {
        Assert.Same(Brand.Product, Brand.Of(null, null, null, null, null));
        Assert.Equal("/portal/mark.svg", Brand.Product.Mark);
    }
}
