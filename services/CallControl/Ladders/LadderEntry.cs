using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Ladders;

/// <summary>A message as a running call keeps it: figures, no text but the rare one that tells something. What people read is made of it when the call has ended.</summary>
internal struct LadderEntry
{
    /// <summary>Milliseconds after the call began.</summary>
    public int At;

    /// <summary>The number of CSeq.</summary>
    public uint CSeq;

    /// <summary>The method of the request, or of what is answered.</summary>
    public SipMethod Method;

    /// <summary>Its words.</summary>
    public LadderTexts? Texts;

    /// <summary>Its session description.</summary>
    public SdpGlance Media;

    /// <summary>The response's status; 0 for a request.</summary>
    public short Status;

    /// <summary>The number of the leg.</summary>
    public short Leg;

    /// <summary>How often it came again.</summary>
    public ushort Repeats;

    /// <summary>What else is true of it.</summary>
    public LadderMarks Marks;

    /// <summary>Whether another message is this one, sent once more (RFC 3261 §17): the same transaction, the same word.</summary>
    public readonly bool IsSame(in LadderEntry other) =>
        CSeq == other.CSeq && Status == other.Status && Leg == other.Leg && Marks == other.Marks && Method == other.Method && Media == other.Media
        && (Marks & LadderMarks.Note) == 0;
}
