namespace CloudPbx.CallControl.Routing;

/// <summary>What calls to the outside have used in a day (UTC).</summary>
/// <param name="Milliseconds">Time from answers to ends.</param>
/// <param name="MicroUnits">Money, in millionths of the rate table's currency.</param>
internal readonly record struct DayUse(long Milliseconds, long MicroUnits)
{
    /// <summary>The time in minutes.</summary>
    public double Minutes => Milliseconds / 60_000d;

    public static DayUse operator +(DayUse a, DayUse b) => new(a.Milliseconds + b.Milliseconds, a.MicroUnits + b.MicroUnits);
}
