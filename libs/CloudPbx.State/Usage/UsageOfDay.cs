namespace CloudPbx.State.Usage;

/// <summary>What a tenant's extensions have used of calls to the outside in one day (UTC), as far as such calls have ended.</summary>
/// <param name="Day">The day.</param>
/// <param name="Payers">Extension, milliseconds from answer to end, and money in millionths.</param>
public sealed record UsageOfDay(DateOnly Day, IReadOnlyList<(string Payer, long Milliseconds, long MicroUnits)> Payers);
