using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Portal.Components.Pages.Trunks;

/// <summary>What is edited by <see cref="TrunkProfileEditor"/>: a trunk, or a profile of a tenant's own.</summary>
public interface IChangesForm
{
    /// <summary>What it does otherwise than its profile.</summary>
    TrunkProfileChanges Changes { get; set; }
}
