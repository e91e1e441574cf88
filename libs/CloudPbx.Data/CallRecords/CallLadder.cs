using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.CallRecords;

/// <summary>The SIP messages of an ended call. It is a part of the call's record, in a column of the same row: it comes and goes with it, and who lists records does not read it.</summary>
public sealed class CallLadder : ITenantOwned
{
    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>The call's identifier.</summary>
    public required CallId Id { get; init; }

    /// <summary>The messages.</summary>
    public required SipLadder Ladder { get; init; }
}
