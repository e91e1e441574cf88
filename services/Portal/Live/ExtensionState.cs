namespace CloudPbx.Portal.Live;

/// <summary>What an extension does now.</summary>
public enum ExtensionState
{
    /// <summary>No phone is registered.</summary>
    Offline,

    /// <summary>A phone is registered and does nothing.</summary>
    Idle,

    /// <summary>It calls or is called.</summary>
    Ringing,

    /// <summary>It talks.</summary>
    Talking,
}
