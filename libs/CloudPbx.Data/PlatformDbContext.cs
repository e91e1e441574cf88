using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data;

/// <summary>All tenants' rows, for the few who must see them (directory, reseller lists, sign-in, looking a tenant up by name). In PostgreSQL a role of its own, with BYPASSRLS.</summary>
/// <remarks>Its callers are listed by an architecture test. Not thread-safe, like every context.</remarks>
public sealed class PlatformDbContext : PbxModel
{
    /// <summary>Makes a context.</summary>
    /// <param name="options">The provider's options.</param>
    public PlatformDbContext(DbContextOptions<PlatformDbContext> options)
        : base(options)
    {
    }
}
