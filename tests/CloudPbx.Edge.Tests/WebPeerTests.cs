using System.Net;
using CloudPbx.Edge.Listeners;
using Microsoft.AspNetCore.Http;

namespace CloudPbx.Edge.Tests;

/// <summary>Who is at the other end of a WebSocket, directly or behind the process that has the public listener.</summary>
public class WebPeerTests
{
    [Fact]
    public void On_the_Unix_socket_the_forwarding_process_names_the_browser()
    {
        WebPeer peer = WebPeer.Of(Request())!.Value;
        Assert.Equal(new IPEndPoint(IPAddress.Parse("198.51.100.7"), 40123), peer.Remote.ToIPEndPoint());
        Assert.Equal((true, 8443, (IPAddress?)null), (peer.IsSecure, peer.Port, peer.Local));
    }

    [Fact]          // SECURITY.md S3, S20: bans and limits go by the address, which nobody may choose
    public void On_a_connection_of_its_own_nobody_chooses_an_address()
    {
        HttpContext request = Request();
        request.Connection.RemoteIpAddress = IPAddress.Parse("203.0.113.66");
        request.Connection.RemotePort = 5;
        request.Connection.LocalIpAddress = IPAddress.Loopback;
        request.Connection.LocalPort = 443;
        WebPeer peer = WebPeer.Of(request)!.Value;
        Assert.Equal(new IPEndPoint(IPAddress.Parse("203.0.113.66"), 5), peer.Remote.ToIPEndPoint());
        Assert.Equal((false, 443), (peer.IsSecure, peer.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("198.51.100.7, 203.0.113.1")]
    [InlineData("somebody")]
    public void Who_is_not_named_is_nobody(string forwarded)
    {
        HttpContext request = Request();
        request.Request.Headers["X-Forwarded-For"] = forwarded;
        Assert.Null(WebPeer.Of(request));
    }

    private static DefaultHttpContext Request()
    {
        DefaultHttpContext context = new();
        context.Request.Host = new HostString("pbx.example", 8443);
        context.Request.Headers["X-Forwarded-For"] = "198.51.100.7";
        context.Request.Headers["X-Forwarded-Proto"] = "https";
        context.Request.Headers["X-Client-Port"] = "40123";
        return context;
    }
}
