using CloudPbx.Api.Resellers;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data.Users;

namespace CloudPbx.Api.Access;

/// <summary>Whose users, keys or webhooks a request is about: those of the tenant or the reseller that its path names, else the platform's.</summary>
internal static class RequestOwner
{
    public static UserOwner Of(HttpContext http) =>
        http.GetRouteValue("tenant") is not null ? UserOwner.Of(http.RequestServices.GetRequiredService<TenantContext>().TenantId)
        : http.GetRouteValue("reseller") is not null ? UserOwner.Of(http.RequestServices.GetRequiredService<ResellerOfRequest>().Row.Id)
        : UserOwner.Platform;
}
