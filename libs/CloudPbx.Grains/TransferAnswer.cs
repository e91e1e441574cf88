using Orleans;

namespace CloudPbx.Grains;

/// <summary>What became of the wish to put somebody else into a party's place.</summary>
[GenerateSerializer, Alias("CloudPbx.TransferAnswer")]
public enum TransferAnswer
{
    /// <summary>The new party is being called; the call goes on as it was until it answers.</summary>
    Begun,

    /// <summary>The tenant has no such call.</summary>
    NoCall,

    /// <summary>Nobody talks in it, or only one party.</summary>
    NotTalking,

    /// <summary>A transfer of it is under way.</summary>
    UnderWay,

    /// <summary>The party that was to make place is outside: it has no rights here by which to call.</summary>
    OutsideParty,

    /// <summary>The number leads nowhere, or the party may not call it.</summary>
    Refused,
}
