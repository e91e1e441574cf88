using CloudPbx.Data.Resellers;

namespace CloudPbx.Api.Resellers;

/// <summary>The reseller that the path names. Scoped; <see cref="ResellerFilter"/> fills it.</summary>
internal sealed class ResellerOfRequest
{
    private GlobalReseller? _row;

    public GlobalReseller Row => _row ?? throw new InvalidOperationException("The route has no reseller.");

    public void Enter(GlobalReseller row) => _row = row;
}
