using CloudPbx.Portal.ApiClient;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components;

/// <summary>A page of one tenant.</summary>
public abstract class TenantPage : PortalPage
{
    /// <summary>The tenant's name.</summary>
    [Parameter] public string Tenant { get; set; } = "";

    /// <summary>What the API has of it.</summary>
    protected TenantApi Here => Api.Of(Tenant);

    /// <summary>The address of a page of this tenant.</summary>
    /// <param name="path">Below the tenant: <c>extensions/100</c>; empty for the dashboard.</param>
    protected string Link(string path = "") => $"/t/{Uri.EscapeDataString(Tenant)}{(path.Length == 0 ? "" : "/" + path)}";
}
