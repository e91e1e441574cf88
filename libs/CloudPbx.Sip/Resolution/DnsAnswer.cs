namespace CloudPbx.Sip.Resolution;

/// <summary>What DNS said to one question.</summary>
/// <typeparam name="T">The records asked for.</typeparam>
/// <param name="Outcome">Whether it said anything.</param>
/// <param name="Records">The records; empty unless found.</param>
/// <param name="TimeToLive">How long that holds; zero: for this once.</param>
public sealed record DnsAnswer<T>(DnsOutcome Outcome, IReadOnlyList<T> Records, TimeSpan TimeToLive);

/// <summary>Makes answers.</summary>
public static class DnsAnswer
{
    /// <summary>There are records, or none if the list is empty.</summary>
    /// <typeparam name="T">The records asked for.</typeparam>
    /// <param name="records">The records.</param>
    /// <param name="timeToLive">How long that holds.</param>
    public static DnsAnswer<T> Found<T>(IReadOnlyList<T> records, TimeSpan timeToLive)
    {
        ArgumentNullException.ThrowIfNull(records);
        return new(records.Count == 0 ? DnsOutcome.None : DnsOutcome.Found, records, timeToLive);
    }

    /// <summary>DNS did not say.</summary>
    /// <typeparam name="T">The records asked for.</typeparam>
    public static DnsAnswer<T> Failed<T>() => new(DnsOutcome.Failed, [], TimeSpan.Zero);
}

/// <summary>Whether DNS said anything.</summary>
public enum DnsOutcome
{
    /// <summary>There are records.</summary>
    Found,

    /// <summary>There is no such name, or none of its records is of the kind.</summary>
    None,

    /// <summary>A server failed or none answered: there may be records.</summary>
    Failed,
}
