namespace CloudPbx.AllInOne.Sample;

/// <summary>How a call of the sample ends.</summary>
internal enum SampleEnd
{
    /// <summary>Somebody answers.</summary>
    Answered,

    /// <summary>Nobody answers there, and the call is sent on to a colleague, who does.</summary>
    AnsweredByColleague,

    /// <summary>It rings until the time is up.</summary>
    NoAnswer,

    /// <summary>The called phone is busy.</summary>
    Busy,

    /// <summary>Somebody presses decline.</summary>
    Declined,

    /// <summary>The caller gives up.</summary>
    Cancelled,

    /// <summary>No phone of the called extension is there.</summary>
    NoPhone,

    /// <summary>Nobody has that number.</summary>
    UnknownNumber,

    /// <summary>The phones have no codec in common.</summary>
    NoCommonCodec,

    /// <summary>The route bars such numbers.</summary>
    Barred,

    /// <summary>The carrier cannot be reached.</summary>
    CarrierAway,
}
