namespace CloudPbx.MediaControl;

/// <summary>What a media node reports by itself.</summary>
/// <remarks>
/// Called on the client's own reader, one at a time. Implementations return at once: they post to whoever owns the call.
/// </remarks>
public interface IMediaEvents
{
    /// <summary>A telephone-event digit ended (RFC 4733); once per digit.</summary>
    /// <param name="leg">The leg whose peer pressed it.</param>
    /// <param name="digit">One of <c>0</c>–<c>9</c>, <c>*</c>, <c>#</c>, <c>A</c>–<c>D</c>.</param>
    /// <param name="durationMs">How long it was held, in milliseconds.</param>
    void DigitReceived(LegId leg, char digit, int durationMs);

    /// <summary>A prompt is over.</summary>
    /// <param name="leg">The leg that heard it.</param>
    /// <param name="name">Its name.</param>
    /// <param name="end">What ended it.</param>
    /// <param name="digit">The digit that did, or null.</param>
    void PromptEnded(LegId leg, string name, PromptEnd end, char? digit);

    /// <summary>A party of a conference began or ended to speak.</summary>
    void SpeakingChanged(LegId leg, bool speaks);

    /// <summary>Neither RTP nor RTCP came on the leg for the node's silence timeout although its peer should send. Reported once.</summary>
    void LegSilent(LegId leg);

    /// <summary>The node was restarted or is gone for good: it knows none of the legs any more.</summary>
    void NodeLost();
}
