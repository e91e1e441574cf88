using System.Net;
using CloudPbx.Contracts.Ids;
using CloudPbx.Sip.Messages;
using CloudPbx.State.Bans;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

/// <summary>S3 at the edge: bans act by silence, and only on whom they are for.</summary>
public class BanTests
{
    private static readonly BanSource s_here = BanSource.From(IPAddress.Loopback);

    private static DateTime Soon => DateTime.UtcNow.AddMinutes(10);

    [Fact]
    public async Task S3_a_banned_source_gets_silence_except_where_somebody_authenticated()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        using var stranger = new UdpPeer(edge.Udp);
        using StreamPeer connected = await StreamPeer.ConnectAsync(edge.Tcp);
        await RegisterAsync(edge, () => phone.SendAsync(Request("REGISTER")), phone.ReceiveAsync);
        await RegisterAsync(edge, () => connected.SendAsync(Request("REGISTER", "TCP", more: Authorized)), connected.ReceiveAsync);
        edge.Sources.Bans!.Add(new BanSubject(s_here), Soon);

        await stranger.SendAsync(Request("OPTIONS"));
        await stranger.SendAsync("nonsense");
        Assert.True(await stranger.IsSilentAsync());
        await phone.SendAsync(Request("INVITE", more: Authorized, branch: "z9hG4bK2"));
        Assert.Equal("INVITE", (await edge.Worker.RequestAsync()).Method.Name);
        await connected.SendAsync(Request("BYE", "TCP", to: "<sip:100@acme.example>;tag=d", branch: "z9hG4bK3"));
        Assert.Equal("BYE", (await edge.Worker.RequestAsync()).Method.Name);
        Assert.False(edge.Worker.HasMore);

        edge.Sources.Bans.Remove(new BanSubject(s_here));
        await stranger.SendAsync(Request("OPTIONS", branch: "z9hG4bK4"));
        Assert.Equal("OPTIONS", (await edge.Worker.RequestAsync()).Method.Name);
    }

    [Fact]
    public async Task S3_a_banned_account_gets_silence_for_its_credentials_from_that_source_only()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        edge.Sources.Bans!.Add(new BanSubject(s_here, Acme, "100"), Soon);
        edge.Sources.Bans.Add(new BanSubject(BanSource.From(IPAddress.Parse("198.51.100.1")), Acme, "101"), Soon);

        await phone.SendAsync(Request("REGISTER", more: Credentials("100")));
        Assert.True(await phone.IsSilentAsync());
        await PassesAsync(edge, phone, Request("REGISTER"));                                            // no guess
        await PassesAsync(edge, phone, Request("REGISTER", more: Credentials("101")));                  // banned elsewhere
        await PassesAsync(edge, phone, Request("REGISTER", more: Credentials("100"), to: "<sip:100@globex.example>"));
        await PassesAsync(edge, phone, Request("BYE", to: "<sip:101@acme.example>;tag=x"));
    }

    private static string Credentials(string user) =>
        $"Authorization: Digest username=\"{user}\",realm=\"acme.example\",nonce=\"n\",uri=\"sip:acme.example\",response=\"{new string('0', 32)}\"\r\n";

    private static async Task RegisterAsync(TestEdge edge, Func<Task> send, Func<Task<string>> receive)
    {
        await send();
        edge.Worker.Send(SipResponse.For(await edge.Worker.RequestAsync(), 200));
        Assert.StartsWith("SIP/2.0 200 ", await receive(), StringComparison.Ordinal);
    }

    private static async Task PassesAsync(TestEdge edge, UdpPeer phone, string request)
    {
        await phone.SendAsync(request);
        Assert.StartsWith((await edge.Worker.RequestAsync()).Method.Name, request, StringComparison.Ordinal);
    }
}
