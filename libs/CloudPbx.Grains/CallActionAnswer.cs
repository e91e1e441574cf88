using Orleans;

namespace CloudPbx.Grains;

/// <summary>What became of a <see cref="CallAction"/>.</summary>
[GenerateSerializer, Alias("CloudPbx.CallActionAnswer")]
public enum CallActionAnswer
{
    /// <summary>It is so now, or was so before.</summary>
    Done,

    /// <summary>The tenant has no such call.</summary>
    NoCall,

    /// <summary>Nobody talks in it yet.</summary>
    NotTalking,

    /// <summary>That side of the call is no party: a service of ours.</summary>
    NoSuchParty,

    /// <summary>There is no recording to pause, resume or stop.</summary>
    NotRecorded,

    /// <summary>The media node did not take the command.</summary>
    MediaAway,

    /// <summary>The storage of the tenant's plan is used up: no further recording begins.</summary>
    StorageFull,

    /// <summary>The parties talk in a codec that the media node can only pass on, and did not agree on another.</summary>
    NotDecodable,
}
