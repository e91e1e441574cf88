using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>A call is over: an event of a live stream.</summary>
public sealed record EndedCallDto
{
    /// <summary>The call's identifier.</summary>
    public required CallId Id { get; init; }
}
