using System.Security.Claims;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Hosting.Web.Brands;
using CloudPbx.Portal.Brands;
using CloudPbx.Portal.SignIn;
using CloudPbx.Portal.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace CloudPbx.Portal.Tests.Brands;

public sealed class PortalBrandsTests : IDisposable
{
    private readonly FakeApi _api = new();
    private readonly HandTime _time = new();
    private readonly PortalBrands _brands;

    public PortalBrandsTests() => _brands = new PortalBrands(_ => _api.Client(), new PublicUrl(new Uri("https://pbx.example.com")), _time);

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task Two_resellers_own_host_names_show_each_its_own_brand()
    {
        _api.On("GET /v1/branding?host=phone.north.example", new BrandingDto { Name = "North Voice", Color = "#0b5cad", Host = "phone.north.example" });
        _api.On("GET /v1/branding?host=phone.south.example", new BrandingDto { Name = "South Talk", Color = "#c2185b", Host = "phone.south.example" });
        Assert.Equal("North Voice", (await _brands.OfHostAsync(At("phone.north.example"))).Name);
        Assert.Equal("South Talk", (await _brands.OfHostAsync(At("phone.south.example"))).Name);
        Assert.True(await _brands.IsOwnHostAsync(At("phone.north.example")));
        Assert.False(await _brands.IsOwnHostAsync(At("phone.north.example:8443")));                    // another port is another place
    }

    [Theory]
    [InlineData("pbx.example.com")]
    [InlineData("192.0.2.1")]
    [InlineData("localhost")]
    public async Task The_installations_own_name_and_addresses_show_the_product_and_nobody_is_asked(string host)
    {
        Assert.Same(Brand.Product, await _brands.OfHostAsync(At(host)));
        Assert.Empty(_api.Asked);
    }

    [Fact]
    public async Task A_host_name_of_nobody_shows_the_product_and_is_not_served()
    {
        _api.On("GET /v1/branding?host=who.example", new BrandingDto());
        Assert.Same(Brand.Product, await _brands.OfHostAsync(At("who.example")));
        Assert.False(await _brands.IsOwnHostAsync(At("who.example")));
    }

    [Fact]
    public async Task Who_is_signed_in_sees_their_own_tenants_brand_at_every_host_name()
    {
        _api.On("GET /v1/branding?host=phone.north.example", new BrandingDto { Name = "North Voice", Host = "phone.north.example" });
        _api.On("GET /v1/me/branding", new BrandingDto { Name = "Acme Phones" });
        Assert.Equal("Acme Phones", (await _brands.OfRequestAsync(At("pbx.example.com", new Claim("role", "administrator"), new Claim("tenant", "0199aa")))).Name);
        Assert.Equal("Acme Phones", (await _brands.OfRequestAsync(At("phone.north.example", new Claim("role", "administrator"), new Claim("tenant", "0199aa")))).Name);
        Assert.Same(Brand.Product, await _brands.OfRequestAsync(At("pbx.example.com", new Claim("role", "operator"))));
    }

    [Fact]
    public async Task Two_tenants_never_share_what_was_kept()
    {
        _api.On("GET /v1/me/branding", new BrandingDto { Name = "Acme Phones" });
        Assert.Equal("Acme Phones", (await _brands.OfRequestAsync(At("pbx.example.com", new Claim("role", "user"), new Claim("tenant", "acme")))).Name);
        _api.On("GET /v1/me/branding", new BrandingDto { Name = "Globex Line" });
        Assert.Equal("Globex Line", (await _brands.OfRequestAsync(At("pbx.example.com", new Claim("role", "user"), new Claim("tenant", "globex")))).Name);
        Assert.Equal("Acme Phones", (await _brands.OfRequestAsync(At("pbx.example.com", new Claim("role", "user"), new Claim("tenant", "acme")))).Name);
    }

    [Fact]
    public async Task A_change_is_seen_soon_and_while_the_API_is_away_the_last_one_stays()
    {
        _api.On("GET /v1/branding?host=phone.north.example", new BrandingDto { Name = "North Voice", Host = "phone.north.example" });
        await _brands.OfHostAsync(At("phone.north.example"));
        _api.OnProblem("GET /v1/branding?host=phone.north.example", 503, "service-away");
        _time.Now += TimeSpan.FromMinutes(1);
        Assert.Equal("North Voice", (await _brands.OfHostAsync(At("phone.north.example"))).Name);
        _api.On("GET /v1/branding?host=phone.north.example", new BrandingDto { Name = "North Star", Host = "phone.north.example" });
        Assert.Equal("North Star", (await _brands.OfHostAsync(At("phone.north.example"))).Name);
    }

    private static DefaultHttpContext At(string host, params Claim[] claims)
    {
        DefaultHttpContext http = new();
        http.Request.Host = new HostString(host);
        if (claims.Length > 0)
            http.User = new ClaimsPrincipal(new ClaimsIdentity([.. claims, new Claim(PortalScheme.SessionClaim, "0123")], "test"));
        return http;
    }

    private sealed class HandTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
