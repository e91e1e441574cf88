namespace CloudPbx.State.Usage;

/// <summary>What a tenant's extensions have used of calls to the outside in one day (UTC), as far as such calls have ended.</summary>
/// <param name="Day">The day.</param>
/// <param name="Payers">Extension, milliseconds from answer to end, and money in millionths.</param>
public sealed record UsageOfDay(DateOnly Day, IReadOnlyList<(string Payer, long Milliseconds, long MicroUnits)> Payers)
{
    /// <summary>What they cost by destination: a country (ISO 3166-1), or a rate's prefix.</summary>
    public IReadOnlyList<(string Destination, long MicroUnits)> Destinations { get; init; } = [];
}
