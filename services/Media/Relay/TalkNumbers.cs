namespace CloudPbx.Media.Relay;

/// <summary>Numbers for all that a leg may send on: other streams, transcoders, sounds, mixes. <see cref="OutgoingSequence"/> tells them apart by these.</summary>
internal static class TalkNumbers
{
    private static long s_last;

    /// <summary>A number that nothing else has; never 0. For any thread.</summary>
    public static long Next() => Interlocked.Increment(ref s_last);
}
