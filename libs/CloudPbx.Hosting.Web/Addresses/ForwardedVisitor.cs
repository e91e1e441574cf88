using System.Net;
using Microsoft.AspNetCore.Http;

namespace CloudPbx.Hosting.Web.Addresses;

/// <summary>For whom a request is made that comes over a Unix socket: only processes of ours reach one, and they say whose request they hand on.</summary>
public static class ForwardedVisitor
{
    /// <summary>The header that says it.</summary>
    public const string Header = "X-Forwarded-For";

    /// <summary>Whether a request came over a Unix socket, and not over the network.</summary>
    /// <param name="http">The request.</param>
    public static bool CameOverSocket(HttpContext http) => http.Connection.LocalIpAddress is null;

    /// <summary>The address of whoever made a request. What somebody claims about it over the network is not believed.</summary>
    /// <param name="http">The request.</param>
    /// <returns>The address; <see langword="null"/> for a program on this machine that asks for itself.</returns>
    public static IPAddress? AddressOf(HttpContext http)
    {
        IPAddress? address = http.Connection.RemoteIpAddress;
        if (CameOverSocket(http) && http.Request.Headers[Header].ToString() is { Length: > 0 } text && IPAddress.TryParse(text.Split(',')[^1].Trim(), out IPAddress? told))
            address = told;
        return address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;      // as a socket for both families has it
    }
}
