using System.Net;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.AspNetCore.Http;

namespace CloudPbx.Hosting.Tests.Addresses;

public sealed class ForwardedVisitorTests
{
    [Fact]
    public void A_process_of_ours_says_whose_request_it_hands_on() => Assert.Equal("192.0.2.7", Visitor(null, null, "192.0.2.7"));

    [Fact]
    public void Nobody_claims_an_address_over_the_network() => Assert.Equal("198.51.100.1", Visitor("203.0.113.1", "198.51.100.1", "192.0.2.7"));

    [Theory]
    [InlineData("not an address")]
    [InlineData("")]
    public void A_program_on_this_machine_has_none(string header) => Assert.Null(Visitor(null, null, header));

    private static string? Visitor(string? local, string? remote, string header)
    {
        DefaultHttpContext http = new();
        http.Connection.LocalIpAddress = local is null ? null : IPAddress.Parse(local);
        http.Connection.RemoteIpAddress = remote is null ? null : IPAddress.Parse(remote);
        http.Request.Headers["X-Forwarded-For"] = header;
        return ForwardedVisitor.AddressOf(http)?.ToString();
    }
}
