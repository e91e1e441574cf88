using System.Net;
using System.Net.Http.Json;
using CloudPbx.Api.Domains;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.TestKit.Dns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Tests;

public sealed class DomainsOnSqliteTests(SqliteApi api) : DomainTests(api), IClassFixture<SqliteApi>;

public sealed class DomainsOnPostgresTests(PostgresApi api) : DomainTests(api), IClassFixture<PostgresApi>;

/// <summary>Tenants' own domains: claimed, proven by DNS, then used.</summary>
public abstract class DomainTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_domain_is_no_phones_before_its_DNS_proves_it()
    {
        ApplyReport tenant = await api.CreateTenantAsync("own");
        using HttpClient admin = api.As(await TestTokens.Of(api).AdministratorAsync(tenant.Id));
        string domain = $"{tenant.Name}.test", path = $"/v1/tenants/{tenant.Name}/domains";
        DomainDto claim = await PostAsync<DomainDto>(admin, path, new { name = domain });
        Assert.False(claim.Proven);
        DnsRecordDto proof = claim.Records.Single(r => r.Purpose == DnsPurpose.Proof);
        Assert.Equal(("TXT", $"_cloudpbx.{domain}"), (proof.Type, proof.Name));
        Assert.DoesNotContain(domain, await DirectoryAsync());

        DomainCheckDto before = await PostAsync<DomainCheckDto>(admin, $"{path}/{domain}/check", null);
        Assert.False(before.Proven);
        Assert.All(before.Records, r => Assert.Equal(DnsRecordState.Missing, r.State));
        api.Names.Records[("TXT", proof.Name)] = ["v=spf1 -all", "cloudpbx-domain=another"];
        DomainCheckDto wrong = await PostAsync<DomainCheckDto>(admin, $"{path}/{domain}/check", null);
        Assert.Equal((DnsRecordState.Different, 2), (wrong.Records[0].State, wrong.Records[0].Found.Count));
        Assert.DoesNotContain(domain, await DirectoryAsync());

        api.Names.Records[("TXT", proof.Name)] = ["v=spf1 -all", proof.Value];
        Assert.True((await PostAsync<DomainCheckDto>(admin, $"{path}/{domain}/check", null)).Proven);
        Assert.Contains(domain, await DirectoryAsync());
        Page<DomainDto> listed = (await admin.GetFromJsonAsync<Page<DomainDto>>(path, Cancel))!;
        Assert.Equal([($"{tenant.Name}.example", true, true), (domain, false, true)], listed.Items.Select(d => (d.Name, d.IsRealm, d.Proven)));
        DomainDto kept = (await admin.GetFromJsonAsync<DomainDto>($"{path}/{domain}", Cancel))!;
        Assert.DoesNotContain(kept.Records, r => r.Purpose == DnsPurpose.Proof);                    // nothing is to be proven any more
        using HttpResponseMessage removed = await admin.DeleteAsync(new Uri($"{path}/{domain}", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.DoesNotContain(domain, await DirectoryAsync());
    }

    [Fact]
    public async Task Two_tenants_may_claim_a_domain_and_the_one_that_proves_it_has_it()
    {
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        using HttpClient ofA = api.As(await TestTokens.Of(api).AdministratorAsync(a.Id)), ofB = api.As(await TestTokens.Of(api).AdministratorAsync(b.Id));
        string domain = $"{a.Name}.shared.test";
        DomainDto claimA = await PostAsync<DomainDto>(ofA, $"/v1/tenants/{a.Name}/domains", new { name = domain }), claimB = await PostAsync<DomainDto>(ofB, $"/v1/tenants/{b.Name}/domains", new { name = domain });
        Assert.NotEqual(claimA.Records[0].Value, claimB.Records[0].Value);
        api.Names.Records[("TXT", claimB.Records[0].Name)] = [claimB.Records[0].Value];
        Assert.False((await PostAsync<DomainCheckDto>(ofA, $"/v1/tenants/{a.Name}/domains/{domain}/check", null)).Proven);       // another's proof is none
        Assert.True((await PostAsync<DomainCheckDto>(ofB, $"/v1/tenants/{b.Name}/domains/{domain}/check", null)).Proven);
        api.Names.Records[("TXT", claimB.Records[0].Name)] = [claimA.Records[0].Value];
        using HttpResponseMessage late = await ofA.PostAsync(new Uri($"/v1/tenants/{a.Name}/domains/{domain}/check", UriKind.Relative), null, Cancel);
        await TestApi.ProblemAsync(late, HttpStatusCode.Conflict, ProblemTypes.Taken);
        Assert.False((await ofA.GetFromJsonAsync<DomainDto>($"/v1/tenants/{a.Name}/domains/{domain}", Cancel))!.Proven);
    }

    [Fact]
    public async Task Names_of_the_platform_are_not_claimed_and_not_removed_by_administrators()
    {
        ApplyReport tenant = await api.CreateTenantAsync("plat");
        await api.PostAsync<DomainDto>($"/v1/tenants/{tenant.Name}/domains", $$"""{"name":"{{tenant.Name}}.localhost"}""");
        using HttpClient admin = api.As(await TestTokens.Of(api).AdministratorAsync(tenant.Id));
        using HttpResponseMessage claimed = await admin.PostAsJsonAsync($"/v1/tenants/{tenant.Name}/domains", new { name = "globex.localhost" }, Cancel);
        await TestApi.ProblemAsync(claimed, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
        using HttpResponseMessage removed = await admin.DeleteAsync(new Uri($"/v1/tenants/{tenant.Name}/domains/{tenant.Name}.localhost", UriKind.Relative), Cancel);
        await TestApi.ProblemAsync(removed, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
    }

    [Fact]
    public async Task A_real_name_servers_records_are_found_and_what_is_wrong_is_told_record_by_record()       // RFC 3263 §4, RFC 2782, RFC 3403
    {
        ApplyReport tenant = await api.CreateTenantAsync("dns");
        using HttpClient admin = api.As(await TestTokens.Of(api).AdministratorAsync(tenant.Id));
        string domain = $"{tenant.Name}.test", path = $"/v1/tenants/{tenant.Name}/domains";
        DomainDto claim = await PostAsync<DomainDto>(admin, path, new { name = domain });
        await using NameServer server = await NameServer.StartAsync(
            domain,
            [
                $"--txt-record={claim.Records[0].Name},{claim.Records[0].Value}", $"--srv-host=_sips._tcp.{domain},localhost,5061,1,0", $"--srv-host=_sip._tcp.{domain},elsewhere.{domain},5060,1,0",
                $"--naptr-record={domain},10,10,s,SIPS+D2T,,_sips._tcp.{domain}",
            ],
            Cancel);
        DomainOptions options = new();
        options.NameServers.Add(server.Address.ToString());
        api.Names.Elsewhere[domain] = new DnsDomainNames(Options.Create(options));
        DomainCheckDto check = await PostAsync<DomainCheckDto>(admin, $"{path}/{domain}/check", null);
        Assert.True(check is { Proven: true, Reachable: true });
        Assert.Equal(
            [
                ("TXT", $"_cloudpbx.{domain}", DnsRecordState.Right), ("SRV", $"_sips._tcp.{domain}", DnsRecordState.Right), ("SRV", $"_sip._tcp.{domain}", DnsRecordState.Different),
                ("SRV", $"_sip._udp.{domain}", DnsRecordState.Missing), ("NAPTR", domain, DnsRecordState.Right), ("NAPTR", domain, DnsRecordState.Different), ("NAPTR", domain, DnsRecordState.Different),
            ],
            check.Records.Select(r => (r.Record.Type, r.Record.Name, r.State)));
        Assert.Equal([$"1 0 5060 elsewhere.{domain}"], check.Records[2].Found);
        Assert.All(check.Records, r => Assert.NotEmpty(r.Advice));
    }

    [Fact]
    public async Task A_name_server_that_is_silent_proves_nothing()
    {
        ApplyReport tenant = await api.CreateTenantAsync("mute");
        using HttpClient admin = api.As(await TestTokens.Of(api).AdministratorAsync(tenant.Id));
        string domain = $"{tenant.Name}.test";
        DomainDto claim = await PostAsync<DomainDto>(admin, $"/v1/tenants/{tenant.Name}/domains", new { name = domain });
        api.Names.Records[("TXT", claim.Records[0].Name)] = null;
        DomainCheckDto check = await PostAsync<DomainCheckDto>(admin, $"/v1/tenants/{tenant.Name}/domains/{domain}/check", null);
        Assert.Equal((false, DnsRecordState.Unanswered), (check.Proven, check.Records[0].State));
    }

    private async Task<string> DirectoryAsync() => string.Join(' ', (await api.Services.GetRequiredService<DirectoryReader>().ReadAsync(Cancel)).Domains.Keys);

    private static async Task<T> PostAsync<T>(HttpClient client, string path, object? body)
    {
        using HttpResponseMessage response = body is null ? await client.PostAsync(new Uri(path, UriKind.Relative), null, Cancel) : await client.PostAsJsonAsync(path, body, Cancel);
        return await TestApi.ReadAsync<T>(response);
    }
}
