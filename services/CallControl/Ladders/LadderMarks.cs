namespace CloudPbx.CallControl.Ladders;

/// <summary>What is true of a message in a ladder.</summary>
[Flags]
internal enum LadderMarks : byte
{
    None = 0,

    /// <summary>The party sent it.</summary>
    FromParty = 1,

    /// <summary>It carried credentials.</summary>
    Credentials = 2,

    /// <summary>The flow did not take it.</summary>
    Unsent = 4,

    /// <summary>It is no message, but says why there was none.</summary>
    Note = 8,
}
