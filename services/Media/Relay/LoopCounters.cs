namespace CloudPbx.Media.Relay;

/// <summary>What one loop counted; written by its thread alone, read by the meter.</summary>
internal sealed class LoopCounters
{
    public long Received;
    public long Sent;
    public long Strangers;
    public long SrtpFailures;
    public long Malformed;
}
