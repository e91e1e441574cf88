using CloudPbx.Api.Domains;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Tests;

public sealed class DomainRecordTests
{
    [Fact]
    public void A_server_with_a_name_is_the_target_of_the_services()                   // RFC 3263 §4.1, §4.2
    {
        IReadOnlyList<DnsRecordDto> records = DomainRecords.Of("acme.example", null, Access("edge.pbx.example"));
        Assert.Equal(
            [
                "_sips._tcp.acme.example SRV 10 10 5061 edge.pbx.example", "_sip._tcp.acme.example SRV 10 10 5060 edge.pbx.example", "_sip._udp.acme.example SRV 10 10 5060 edge.pbx.example",
                "acme.example NAPTR 10 10 \"s\" \"SIPS+D2T\" \"\" _sips._tcp.acme.example", "acme.example NAPTR 20 10 \"s\" \"SIP+D2T\" \"\" _sip._tcp.acme.example",
                "acme.example NAPTR 30 10 \"s\" \"SIP+D2U\" \"\" _sip._udp.acme.example",
            ],
            records.Select(r => $"{r.Name} {r.Type} {r.Value}"));
    }

    [Theory]
    [InlineData("192.0.2.7", "A")]
    [InlineData("2001:db8::7", "AAAA")]
    public void A_server_with_an_address_alone_gets_a_name_in_the_domain(string address, string type)       // RFC 2782: the target is a name, never an address
    {
        IReadOnlyList<DnsRecordDto> records = DomainRecords.Of("acme.example", "t", Access(address));
        Assert.All(records.Where(r => r.Type == "SRV"), r => Assert.EndsWith(" sip.acme.example", r.Value, StringComparison.Ordinal));
        Assert.Equal(address, records.Single(r => r.Type == type && r.Name == "sip.acme.example").Value);
    }

    [Theory]
    [InlineData("SRV", "10 10 5061 edge.example", "0 5 5061 EDGE.example", DnsRecordState.Right)]          // priorities are the owner's to choose
    [InlineData("SRV", "10 10 5061 edge.example", "10 10 5060 edge.example", DnsRecordState.Different)]
    [InlineData("NAPTR", "10 10 \"s\" \"SIP+D2U\" \"\" _sip._udp.a", "99 1 \"S\" \"sip+d2u\" \"\" _sip._udp.a", DnsRecordState.Right)]
    [InlineData("NAPTR", "10 10 \"s\" \"SIP+D2U\" \"\" _sip._udp.a", "10 10 \"u\" \"SIP+D2U\" \"\" _sip._udp.a", DnsRecordState.Different)]
    [InlineData("AAAA", "2001:db8::7", "2001:DB8:0:0::7", DnsRecordState.Right)]
    [InlineData("TXT", "cloudpbx-domain=ab", "cloudpbx-domain=AB", DnsRecordState.Different)]
    public void What_means_the_same_is_right(string type, string wanted, string found, DnsRecordState state) =>
        Assert.Equal(state, DomainRecords.Check(new DnsRecordDto { Type = type, Name = "n", Value = wanted, Purpose = DnsPurpose.Server }, [found]).State);

    private static SipAccess Access(string host) => new(Options.Create(new DomainOptions { SipHost = host }), new PublicUrl(new Uri("https://pbx.example")));
}
