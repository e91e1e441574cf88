using CloudPbx.CallControl.Links;
using CloudPbx.Data.Tenants;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Routing;

/// <summary>Which hosts stand for a tenant in what its phones ask for.</summary>
internal static class OwnHosts
{
    /// <summary>Whether a host is the tenant's own: a domain of it, what the phone calls its own domain, or our address as the phone reaches it.</summary>
    public static bool Include(TenantConfiguration configuration, string host, SipRequest? request, EdgeFlow flow) =>
        configuration.Domains.Contains(host, StringComparer.OrdinalIgnoreCase)
        || string.Equals(host, request?.From.Uri.Host, StringComparison.OrdinalIgnoreCase)
        || string.Equals(host.Trim('[', ']'), flow.Token.AdvertisedHost, StringComparison.OrdinalIgnoreCase)
        || string.Equals(host, flow.Token.ServerName, StringComparison.OrdinalIgnoreCase);
}
