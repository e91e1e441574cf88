using Orleans;

namespace CloudPbx.Grains;

/// <summary>Why a call that a program asked for does not begin.</summary>
[GenerateSerializer, Alias("CloudPbx.OriginateFault")]
public enum OriginateFault
{
    /// <summary>It begins.</summary>
    None,

    /// <summary>The tenant has no such extension.</summary>
    UnknownExtension,

    /// <summary>No phone of the extension is registered.</summary>
    NobodyRegistered,

    /// <summary>The number leads nowhere, or the extension may not call it.</summary>
    Refused,

    /// <summary>A limit of the tenant's is reached.</summary>
    LimitReached,

    /// <summary>The tenant is about to end here.</summary>
    Ending,

    /// <summary>There is no such call to supervise.</summary>
    NoCall,

    /// <summary>In the call that is to be supervised no two parties talk.</summary>
    NotTalking,

    /// <summary>The tenant does not permit supervision.</summary>
    NotPermitted,

    /// <summary>The supervisor is a party of the call itself, or supervises it already.</summary>
    InTheCall,
}
