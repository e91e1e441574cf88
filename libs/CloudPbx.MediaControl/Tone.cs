namespace CloudPbx.MediaControl;

/// <summary>A call progress tone, 425 Hz as in most of Europe (ITU-T E.180).</summary>
public enum Tone
{
    /// <summary>1 s on, 4 s off: the other party is alerted.</summary>
    Ringback,

    /// <summary>0.5 s on, 0.5 s off.</summary>
    Busy,

    /// <summary>0.25 s on, 0.25 s off: the call cannot be carried.</summary>
    Congestion,
}
