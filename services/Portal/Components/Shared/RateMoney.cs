namespace CloudPbx.Portal.Components.Shared;

/// <summary>Money as people type it, in the rate table's currency, and as the API has it: in millionths of that.</summary>
public static class RateMoney
{
    private const decimal Most = 9_000_000_000_000m;

    /// <summary>What a field shows.</summary>
    /// <param name="microUnits">Millionths.</param>
    public static decimal? Of(long? microUnits) => microUnits / 1_000_000m;

    /// <summary>What the API is told. What is too much for it is said by the API; here it has only to fit.</summary>
    /// <param name="money">What was typed.</param>
    public static long? ToMicroUnits(decimal? money) => money is { } units ? (long)Math.Round(Math.Clamp(units, -Most, Most) * 1_000_000m) : null;
}
