namespace CloudPbx.Load.Generators;

/// <summary>What came of one run of a load.</summary>
/// <param name="Started">Units begun.</param>
/// <param name="Completed">Units that ended as they should.</param>
/// <param name="LeftOut">Units that the generator could not begin in time: the machine was busy.</param>
/// <param name="Units">What the processor time is divided by: messages, registrations, calls, packets.</param>
/// <param name="LatencyMicroseconds">The median time of a unit.</param>
/// <param name="WorstMicroseconds">The 99th percentile.</param>
/// <param name="LastFault">The status code of the last unit that failed; 0 where none did, or nothing came.</param>
internal sealed record LoadOutcome(
    long Started, long Completed, long LeftOut, double Units, double LatencyMicroseconds, double WorstMicroseconds, int LastFault)
{
    /// <summary>Percent of the units that did not complete.</summary>
    public double FailedPercent => Started == 0 ? 100 : 100.0 * (Started - Completed) / Started;
}
