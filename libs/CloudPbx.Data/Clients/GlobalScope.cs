using OpenIddict.EntityFrameworkCore.Models;

namespace CloudPbx.Data.Clients;

/// <summary>A scope that clients may ask for.</summary>
public sealed class GlobalScope : OpenIddictEntityFrameworkCoreScope<Guid>;
