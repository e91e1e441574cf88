using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Portal.Components.Pages.Domains;

namespace CloudPbx.Portal.Tests.Components;

public sealed class DomainsPageTests
{
    private static readonly DnsRecordDto s_proof = new() { Type = "TXT", Name = "_cloudpbx.acme.test", Value = "cloudpbx-domain=ab12", Purpose = DnsPurpose.Proof };
    private static readonly DnsRecordDto s_service = new() { Type = "SRV", Name = "_sips._tcp.acme.test", Value = "10 10 5061 edge.example", Purpose = DnsPurpose.Server };

    [Theory]
    [InlineData("en", "Not proven", "There is another record of this name")]
    [InlineData("zh-CN", "未验证", "已有同名的其他记录")]
    public async Task A_new_domain_shows_its_records_and_the_check_says_what_to_do(string language, string pending, string advice)
    {
        await using PortalContext context = new(language);
        DomainDto claim = new("acme.test", false) { Proven = false, Records = [s_proof, s_service] };
        context.Api.On("GET /v1/tenants/acme/domains", new Page<DomainDto>([new DomainDto("acme.example", true), claim with { Records = [] }], null));
        context.Api.On("GET /v1/tenants/acme/domains/acme.test", claim);
        context.Api.On("POST /v1/tenants/acme/domains/acme.test/check", new DomainCheckDto
        {
            Name = "acme.test", Proven = false, Reachable = true,
            Records =
            [
                new DnsCheckDto { Record = s_proof, State = DnsRecordState.Different, Found = ["v=spf1 -all"], Advice = "a" }, new DnsCheckDto { Record = s_service, State = DnsRecordState.Right, Found = [], Advice = "b" },
            ],
        });
        var page = context.Bunit.Render<DomainsPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Equal(pending, page.FindAll("[data-testid=domain-state]")[1].TextContent));
        page.FindAll("[data-testid=domain]")[1].QuerySelector("button")!.Click();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("[data-testid=dns-record]").Count));
        Assert.Contains("cloudpbx-domain=ab12", page.Markup, StringComparison.Ordinal);
        Assert.Equal(4, page.FindAll(".cp-copy").Count);
        page.Find("[data-testid=check]").Click();
        page.WaitForAssertion(() => Assert.Contains(advice, page.FindAll("[data-testid=dns-record]")[0].TextContent, StringComparison.Ordinal));
        Assert.Contains("v=spf1 -all", page.FindAll("[data-testid=dns-record]")[0].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_that_is_proven_by_the_check_is_in_use_at_once()
    {
        await using PortalContext context = new();
        DomainDto claim = new("acme.test", false) { Proven = false, Records = [s_proof] };
        context.Api.On("GET /v1/tenants/acme/domains", new Page<DomainDto>([claim], null));
        context.Api.On("GET /v1/tenants/acme/domains/acme.test", claim);
        context.Api.On("POST /v1/tenants/acme/domains/acme.test/check", new DomainCheckDto
        {
            Name = "acme.test", Proven = true, Reachable = true, Records = [new DnsCheckDto { Record = s_proof, State = DnsRecordState.Right, Found = [s_proof.Value], Advice = "a" }],
        });
        var page = context.Bunit.Render<DomainsPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement("[data-testid=domain] button").Click();
        page.WaitForElement("[data-testid=check]");
        context.Api.On("GET /v1/tenants/acme/domains", new Page<DomainDto>([claim with { Proven = true }], null));
        page.Find("[data-testid=check]").Click();
        page.WaitForAssertion(() => Assert.Equal("In use", page.Find("[data-testid=domain-state]").TextContent));
        Assert.Contains("phones find the server", page.Find("[data-testid=domain-result]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_that_is_none_is_told_beside_its_field()
    {
        await using PortalContext context = new("zh-CN");
        context.Api.On("GET /v1/tenants/acme/domains", new Page<DomainDto>([], null));
        context.Api.OnProblem("POST /v1/tenants/acme/domains", 400, "validation", new Dictionary<string, string[]> { ["$.name"] = ["Must be a domain name such as \"acme.example\", without scheme and port."] });
        var page = context.Bunit.Render<DomainsPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement("#domain").Change("https://acme");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("acme.example", page.Find("form").TextContent, StringComparison.Ordinal));
        Assert.Equal("https://acme", page.Find("#domain").GetAttribute("value"));
    }
}
