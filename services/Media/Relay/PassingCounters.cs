using CloudPbx.MediaControl;

namespace CloudPbx.Media.Relay;

/// <summary>What a leg's passed-on streams counted over its life, those that have ended included. Its loop's alone.</summary>
internal sealed class PassingCounters
{
    public long Received;
    public long Sent;
    public long Strangers;
    public long SrtpFailures;
    public long Malformed;

    /// <summary>A leg's figures with these among them.</summary>
    public LegStatistics AddTo(LegStatistics figures) => figures with
    {
        PassedReceived = Received,
        PassedSent = Sent,
        StrangersDropped = figures.StrangersDropped + Strangers,
        SrtpFailures = figures.SrtpFailures + SrtpFailures,
        PassedMalformed = Malformed,
    };
}
