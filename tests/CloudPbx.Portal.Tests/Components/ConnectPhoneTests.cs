using System.Net;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Shared;
using CloudPbx.Portal.Live;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Portal.Tests.Components;

public sealed class ConnectPhoneTests
{
    /// <summary>A link is made for who wants to scan it, since scanning gives the phone another password than the one that is shown.</summary>
    [Theory]
    [InlineData("en", "Show a code to scan")]
    [InlineData("zh-CN", "显示二维码")]
    public async Task A_code_to_scan_is_made_when_it_is_asked_for(string language, string words)
    {
        await using PortalContext context = new(language);
        DeviceDto device = new() { Id = DeviceId.New(), Extension = "100", Name = "desk", AuthUser = "100", Encryption = SrtpPolicy.Optional, DigestSha256 = false };
        string request = $"POST /v1/tenants/acme/devices/{device.Id}/provisioning";
        context.Api.On(request, new ProvisioningLinkDto("https://localhost:8443/v1/provisioning/" + new string('a', 64), DateTime.UtcNow.AddMinutes(10)), HttpStatusCode.Created);
        var page = context.Bunit.Render<ConnectPhone>(parameters => parameters
            .Add(p => p.Tenant, "acme").Add(p => p.Device, device).Add(p => p.Domain, "acme.example").Add(p => p.Live, context.Bunit.Services.GetRequiredService<LiveTenant>()));
        Assert.Empty(page.FindAll("[data-testid=provisioning]"));
        page.FindAll(".cp-segments button")[1].Click();
        Assert.Contains(words, page.Find("[data-testid=provisioning]").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(context.Api.Asked, asked => asked.Request == request);
        page.Find("[data-testid=provisioning] button").Click();
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("[data-testid=provisioning] .cp-qr svg")));
        Assert.DoesNotContain("provisioning/aaaa", page.Markup, StringComparison.Ordinal);          // it is in the picture alone
    }
}
