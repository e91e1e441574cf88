using System.Collections.Frozen;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Proxying;
using CloudPbx.State.Directory;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

/// <summary>Calls to the Contact of a shared trunk's line: the called number says whose they are.</summary>
public class SharedLineTests
{
    private static readonly TrunkId s_trunk = TrunkId.New();

    [Theory]
    [InlineData(CalledNumberSource.To, "<sip:+49301000@carrier.example>", "", true)]
    [InlineData(CalledNumberSource.To, "<sip:49302000@carrier.example>", "", false)]                 // E.164 without its plus
    [InlineData(CalledNumberSource.To, "<sip:0302000@carrier.example>", "", false)]                  // rewritten
    [InlineData(CalledNumberSource.RequestUri, "<sip:+49302000@carrier.example>", "", false)]        // the Request-URI is our Contact: To stands for it
    [InlineData(CalledNumberSource.PCalledPartyId, "<sip:line@carrier.example>", "P-Called-Party-ID: <sip:+49301000@carrier.example>\r\n", true)]
    [InlineData(CalledNumberSource.PCalledPartyId, "<sip:+49302000@carrier.example>", "", false)]    // not there: as its worker reads it
    public async Task The_called_number_decides_whose_a_call_to_the_line_is(CalledNumberSource source, string to, string more, bool acme)
    {
        await using TestEdge edge = await StartAsync();
        Share(edge, source);
        using var carrier = new UdpPeer(edge.Udp);
        await carrier.SendAsync(Request("INVITE", uri: Contact(), from: "<sip:+15551000@carrier.example>;tag=1", to: to, more: more));
        Assert.Equal((acme ? Acme : Globex).Value, TenantOf(await edge.Worker.RequestAsync()));
    }

    [Theory]
    [InlineData("INVITE", "SIP/2.0 404 ")]
    [InlineData("MESSAGE", "SIP/2.0 404 ")]
    [InlineData("OPTIONS", "SIP/2.0 200 ")]                                                          // registrars ask whether the line is there (I30)
    public async Task A_number_that_nobody_has_is_not_found_and_the_line_itself_is_there(string method, string answer)
    {
        await using TestEdge edge = await StartAsync();
        Share(edge, CalledNumberSource.To);
        using var carrier = new UdpPeer(edge.Udp);
        await carrier.SendAsync(Request(method, uri: Contact(), from: "<sip:+15551000@carrier.example>;tag=1", to: $"<{Contact()}>", more: $"Subject: {new string('x', 200)}\r\n"));      // S32: no answer is longer than what asked for it
        Assert.StartsWith(answer, await carrier.ReceiveAsync(), StringComparison.Ordinal);
        Assert.False(edge.Worker.HasMore);
    }

    [Fact]
    public async Task A_line_of_a_trunk_that_does_not_exist_leads_nowhere()
    {
        await using TestEdge edge = await StartAsync(defaultTenant: false);
        Share(edge, CalledNumberSource.To);
        using var stranger = new UdpPeer(edge.Udp);
        await stranger.SendAsync(Request("INVITE", uri: Contact(Guid.NewGuid()), from: "<sip:+15551000@carrier.example>;tag=1", to: "<sip:+49301000@carrier.example>"));
        Assert.StartsWith("SIP/2.0 404 ", await stranger.ReceiveAsync(), StringComparison.Ordinal);
    }

    private static string Contact(Guid? trunk = null) => $"sip:{new ContactToken(trunk ?? s_trunk.Value, 7, ContactToken.LineLeg)}@127.0.0.1:5060";

    private static void Share(TestEdge edge, CalledNumberSource source) => edge.Sources.Directory = new DirectorySnapshot(2, [new("acme.example", Acme), new("globex.example", Globex)], [], null)
    {
        SharedLines = [new SharedLineSource { Trunk = s_trunk, CalledNumberFrom = source, CalledIn = [new NumberRewrite { Prefix = "0", Replacement = "+49" }] }],
        Numbers = new Dictionary<string, TenantId> { ["+49301000"] = Acme, ["+49302000"] = Globex }.ToFrozenDictionary(StringComparer.Ordinal),
    };
}
