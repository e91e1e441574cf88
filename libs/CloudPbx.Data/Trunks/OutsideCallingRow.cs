using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Data.Trunks;

/// <summary>How a tenant calls the outside world; a tenant without such a row does it as <see cref="OutsideCalling"/> says by itself.</summary>
public sealed class OutsideCallingRow : ITenantOwned, IVersioned
{
    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>The settings.</summary>
    public required OutsideCalling Settings { get; set; }

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
