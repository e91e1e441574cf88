using CloudPbx.Portal.ApiClient;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components;

/// <summary>A page that a tenant, a reseller and the platform have alike.</summary>
public abstract class OwnerPage : PortalPage
{
    /// <summary>The tenant's name, of a tenant's page.</summary>
    [Parameter] public string? Tenant { get; set; }

    /// <summary>The reseller's name or identifier, of a reseller's page.</summary>
    [Parameter] public string? Reseller { get; set; }

    /// <summary>What the API has of whoever owns the page.</summary>
    protected OwnerApi Here => Tenant is not null ? Api.Of(Tenant) : Reseller is not null ? Api.OfReseller(Reseller) : Api.OfPlatform();

    /// <summary>Whose page it is: another one must be read anew.</summary>
    protected string Place => Link();

    /// <summary>The address of a page of the same owner.</summary>
    /// <param name="path">Below it: <c>users</c>; empty for its first page.</param>
    protected string Link(string path = "")
    {
        string root = Tenant is not null ? $"/t/{Uri.EscapeDataString(Tenant)}" : Reseller is not null ? $"/r/{Uri.EscapeDataString(Reseller)}" : "/platform";
        return path.Length == 0 ? root : $"{root}/{path}";
    }
}
