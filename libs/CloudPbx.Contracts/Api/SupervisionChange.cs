using CloudPbx.Contracts.Live;

namespace CloudPbx.Contracts.Api;

/// <summary>How a live call is to be supervised from now on.</summary>
public sealed record SupervisionChange
{
    /// <summary>Who hears the supervisor.</summary>
    public required SupervisionMode Mode { get; init; }
}
