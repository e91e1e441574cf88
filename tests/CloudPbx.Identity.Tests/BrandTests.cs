using System.Net;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Resellers;
using CloudPbx.Identity.Tests.Hosting;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Identity.Tests;

public sealed class SqliteBrandTests(SqliteIdentity identity) : BrandTests<SqliteIdentity>(identity);

public sealed class PostgresBrandTests(PostgresIdentity identity) : BrandTests<PostgresIdentity>(identity);

/// <summary>Own host names of two resellers, side by side on one installation.</summary>
public abstract class BrandTests<TIdentity>(TIdentity identity) : IClassFixture<TIdentity>
    where TIdentity : TestIdentity
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_host_name_shows_its_own_brand_and_the_installation_shows_none()
    {
        (string north, string south) = (await BrandAsync("North Voice", "#0b5cad"), await BrandAsync("South Talk", "#c2185b"));
        string atNorth = await PageAsync(north), atSouth = await PageAsync(south), atHome = await PageAsync(TestIdentity.Address);
        Assert.Contains("North Voice</title>", atNorth, StringComparison.Ordinal);
        Assert.Contains("/account/brand.css?color=0b5cad", atNorth, StringComparison.Ordinal);
        Assert.Contains("South Talk</title>", atSouth, StringComparison.Ordinal);
        Assert.Contains("CloudPbx</title>", atHome, StringComparison.Ordinal);
        Assert.DoesNotContain("South", atNorth, StringComparison.Ordinal);
        Assert.DoesNotContain("North", atSouth, StringComparison.Ordinal);
        Assert.DoesNotContain("brand.css", atHome, StringComparison.Ordinal);
        Assert.DoesNotContain("/account/passkey", atNorth, StringComparison.Ordinal);                    // they are bound to the installation's name
    }

    [Fact]
    public async Task Somebody_signs_in_at_a_brands_own_host_name_and_is_led_back_there()
    {
        string north = await BrandAsync("North Voice", null), callback = north + "/signin-oidc";
        string name = (await identity.CreateUserAsync()).UserName;
        TestBrowser browser = At(north);
        using HttpResponseMessage asked = await browser.GetAsync(TestBrowser.AuthorizePath("verifier-of-forty-three-characters-and-more-0", callback: callback));
        Assert.StartsWith("/account/signin", asked.Headers.Location!.ToString(), StringComparison.Ordinal);
        (await browser.GetAsync(asked.Headers.Location.ToString())).Dispose();
        using HttpResponseMessage back = await browser.GetAsync(await browser.SignInAsync(name));
        Assert.StartsWith(callback + "?", back.Headers.Location!.ToString(), StringComparison.Ordinal);
        string code = QueryHelpers.ParseQuery(back.Headers.Location.Query)["code"].ToString();
        (HttpStatusCode status, _) = await browser.TokenAsync(("grant_type", "authorization_code"), ("code", code), ("redirect_uri", callback), ("code_verifier", "verifier-of-forty-three-characters-and-more-0"));
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task A_code_goes_to_no_other_host_than_the_one_that_was_asked()                          // RFC 9700 §4.1
    {
        (string north, string south) = (await BrandAsync("North Voice", null), await BrandAsync("South Talk", null));
        foreach ((string asked, string callback) in new[]
        {
            (TestIdentity.Address, north + "/signin-oidc"), (south, north + "/signin-oidc"), (north, north + "/elsewhere"), (north, north.Replace(":8443", "", StringComparison.Ordinal) + "/signin-oidc"),
            ("https://nobody.example:8443", "https://nobody.example:8443/signin-oidc"),
        })
        {
            using HttpResponseMessage refused = await At(asked).GetAsync(TestBrowser.AuthorizePath("verifier", callback: callback));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Theory]
    [InlineData("0b5cad", HttpStatusCode.OK)]
    [InlineData("0b5cad;}body{display:none", HttpStatusCode.NotFound)]
    [InlineData("", HttpStatusCode.NotFound)]
    public async Task The_style_sheet_is_made_of_a_colour_and_of_nothing_else(string color, HttpStatusCode expected)
    {
        using HttpResponseMessage answer = await identity.Browser().GetAsync("/account/brand.css?color=" + Uri.EscapeDataString(color));
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task Who_is_signed_in_sees_the_brand_of_their_own_tenants_reseller()
    {
        (TenantId tenant, _) = await identity.CreateTenantAsync();
        GlobalReseller reseller = await ResellerAsync(new Branding { Name = "North Voice", LogoUrl = "https://cdn.north.example/logo.svg" });
        await using (PbxDbContext db = identity.Services.GetRequiredService<IPbxDatabase>().OpenTenant(tenant))
        {
            db.Tenants.Single().ResellerId = reseller.Id;
            Assert.Equal(SaveOutcome.Saved, await db.TrySaveAsync(Cancel));
        }
        string name = (await identity.CreateUserAsync(Contracts.Identity.UserRole.Administrator, tenant)).UserName;
        TestBrowser browser = identity.Browser();
        await browser.SignInAnewAsync(name);
        using HttpResponseMessage page = await browser.GetAsync("/account");
        Assert.Contains("North Voice</title>", browser.Page, StringComparison.Ordinal);
        Assert.Contains("img-src data: https://cdn.north.example:443;", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        string other = (await identity.CreateUserAsync()).UserName;
        TestBrowser elsewhere = identity.Browser();
        await elsewhere.SignInAnewAsync(other);
        (await elsewhere.GetAsync("/account")).Dispose();
        Assert.DoesNotContain("North", elsewhere.Page, StringComparison.Ordinal);
    }

    private async Task<string> PageAsync(string origin)
    {
        TestBrowser browser = At(origin);
        (await browser.GetAsync("/account/signin")).Dispose();
        return browser.Page;
    }

    private TestBrowser At(string origin)
    {
        _ = identity.Services;
        return new TestBrowser(identity.Server, origin);
    }

    private async Task<string> BrandAsync(string name, string? color)
    {
        string host = $"phone-{Guid.NewGuid():N}.example";
        await ResellerAsync(new Branding { Name = name, Color = color, Host = host });
        identity.Time.Advance(BrandingLookup.Life + TimeSpan.FromSeconds(1));                             // what was read before is old now
        return $"https://{host}:8443";
    }

    private async Task<GlobalReseller> ResellerAsync(Branding branding)
    {
        GlobalReseller reseller = new() { Id = ResellerId.New(), Name = $"r{Guid.NewGuid():N}"[..20], DisplayName = "Reseller", Branding = branding, CreatedAt = DateTime.UtcNow };
        Assert.Equal(SaveOutcome.Saved, await identity.Services.GetRequiredService<ResellerStore>().SaveAsync(reseller, Cancel));
        return reseller;
    }
}
