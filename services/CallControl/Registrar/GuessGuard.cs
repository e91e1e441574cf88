using System.Net;

namespace CloudPbx.CallControl.Registrar;

/// <summary>
/// Counts wrong passwords per pair of source address and account; who guesses too often gets no more answer for a while (SECURITY.md S3).
/// Only the pair is silenced: the account's real phone, and other phones behind the same address, go on.
/// </summary>
/// <remarks>Not thread-safe. Memory is bounded: when full, the oldest count is forgotten.</remarks>
internal sealed class GuessGuard
{
    private const int MaximumEntries = 10_000;
    private const int Limit = 8;
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_oneTry = TimeSpan.FromSeconds(1);    // baresip sends 16 REGISTERs in 10 ms: that is one try

    private readonly Dictionary<(IPAddress, string), Count> _counts = [];
    private readonly Queue<(IPAddress, string)> _order = [];

    /// <summary>Whether this pair gets no answer now.</summary>
    public bool IsSilenced(IPAddress source, string account, DateTime now) =>
        _counts.TryGetValue((source, account), out Count? count) && count.Failures >= Limit && now - count.Last < s_window;

    /// <summary>Counts a wrong password.</summary>
    /// <returns>Whether this was the one too many.</returns>
    public bool Failed(IPAddress source, string account, DateTime now)
    {
        if (!_counts.TryGetValue((source, account), out Count? count))
        {
            if (_order.Count >= MaximumEntries)
                _counts.Remove(_order.Dequeue());
            _counts.Add((source, account), count = new Count());
            _order.Enqueue((source, account));
        }
        if (now - count.Last >= s_window)
            count.Failures = 0;
        if (count.Failures > 0 && now - count.LastCounted < s_oneTry)
        {
            count.Last = now;
            return false;
        }
        count.Failures++;
        count.Last = count.LastCounted = now;
        return count.Failures == Limit;
    }

    /// <summary>The right password came: the count begins anew.</summary>
    public void Succeeded(IPAddress source, string account)
    {
        if (_counts.TryGetValue((source, account), out Count? count))
            count.Failures = 0;
    }

    private sealed class Count
    {
        public int Failures { get; set; }

        public DateTime Last { get; set; }

        public DateTime LastCounted { get; set; }
    }
}
