namespace CloudPbx.MediaControl;

/// <summary>A call progress tone (ITU-T E.180), as it sounds in the country of the leg's policy.</summary>
public enum Tone
{
    /// <summary>The other party is alerted.</summary>
    Ringback,

    /// <summary>The other party is busy.</summary>
    Busy,

    /// <summary>The call cannot be carried.</summary>
    Congestion,

    /// <summary>Three rising tones: the number does not exist, or is out of service. A node that does not know it plays <see cref="Congestion"/>.</summary>
    SpecialInformation,
}
