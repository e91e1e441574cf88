using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Resellers;

namespace CloudPbx.Api.Resellers;

/// <summary>The reseller that the path names. Scoped; <see cref="ResellerFilter"/> fills it.</summary>
internal sealed class ResellerOfRequest
{
    private GlobalReseller? _row;

    public GlobalReseller Row => _row ?? throw new InvalidOperationException("The route has no reseller.");

    /// <summary>Its identifier; <see langword="null"/> where the route has no reseller.</summary>
    public ResellerId? Id => _row?.Id;

    public void Enter(GlobalReseller row) => _row = row;
}
