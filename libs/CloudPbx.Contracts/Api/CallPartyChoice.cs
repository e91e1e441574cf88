using CloudPbx.Contracts.Events;

namespace CloudPbx.Contracts.Api;

/// <summary>A party of a live call.</summary>
public sealed record CallPartyChoice
{
    /// <summary>Which one, <c>caller</c> or <c>callee</c>.</summary>
    public required CallParty Party { get; init; }
}
