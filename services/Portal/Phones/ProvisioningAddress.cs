namespace CloudPbx.Portal.Phones;

/// <summary>The address of a provisioning link as a phone reaches it.</summary>
internal static class ProvisioningAddress
{
    /// <summary>The link on the host that the browser has the portal from; where that is this machine's own loopback name, on the server that is typed into phones.</summary>
    /// <param name="url">The link as the API gave it.</param>
    /// <param name="portal">The portal's address as the browser has it.</param>
    /// <param name="server">The server that is typed into phones.</param>
    public static string Of(string url, Uri portal, string server)
    {
        UriBuilder address = new(new Uri(portal, new Uri(url).PathAndQuery));
        if (portal.IsLoopback && Uri.CheckHostName(server) != UriHostNameType.Unknown)
            address.Host = server;
        return address.Uri.ToString();
    }
}
