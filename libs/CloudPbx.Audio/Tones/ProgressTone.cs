namespace CloudPbx.Audio.Tones;

/// <summary>What a tone tells the caller (ITU-T E.180).</summary>
public enum ProgressTone
{
    /// <summary>Dial now.</summary>
    Dial,

    /// <summary>The called phone rings.</summary>
    Ringback,

    /// <summary>The called party is busy.</summary>
    Busy,

    /// <summary>The network cannot connect the call.</summary>
    Congestion,

    /// <summary>Another call waits.</summary>
    CallWaiting,

    /// <summary>The call failed for what neither busy nor congestion says: the number does not exist, or is out of service (the special information tone).</summary>
    SpecialInformation,
}
