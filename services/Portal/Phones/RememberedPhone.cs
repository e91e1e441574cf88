namespace CloudPbx.Portal.Phones;

/// <summary>The phone that a signed-in browser has switched on: what it comes back as when its page is loaded again, and what goes when it signs out.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Extension">The extension's number.</param>
/// <param name="Device">The device that the API has made for it.</param>
public sealed record RememberedPhone(string Tenant, string Extension, string Device);
