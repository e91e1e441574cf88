using System.Globalization;
using System.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>
/// When somebody may come again who was refused with 503 because too much comes, or a part of the house is away (RFC 3261 §20.33, §21.5.4). The only place that says it.
/// </summary>
/// <remarks>
/// Spread by Call-ID, which is random (§8.1.1.4): those who were refused in one second do not all come back in one second, and a repeated request gets the same answer
/// without anybody remembering it. A 503 for a limit of one tenant or trunk has no Retry-After and counts as a 500: a proxy that carries the calls of several tenants
/// would else keep those of all away for that long.
/// </remarks>
public static class RetryAfter
{
    /// <summary>The least that is said where nobody has set anything else.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(5);

    /// <summary>How long one request's sender should stay away.</summary>
    /// <param name="least">At least this long.</param>
    /// <param name="callId">The request's Call-ID; empty where it has none.</param>
    /// <returns>Whole seconds, from <paramref name="least"/> to twice that.</returns>
    public static int Seconds(TimeSpan least, ReadOnlySpan<byte> callId)
    {
        uint hash = 2166136261;                                   // FNV-1a: a spread, no secret
        foreach (byte octet in callId)
            hash = (hash ^ octet) * 16777619;
        int seconds = (int)least.TotalSeconds;
        return seconds + (int)((ulong)hash * (uint)(seconds + 1) >> 32);
    }

    /// <summary>The field's value in the refusal of a request.</summary>
    /// <param name="request">The request.</param>
    public static string For(SipRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Seconds(Least, Encoding.UTF8.GetBytes(request.Headers.Get(SipHeaderName.CallId) ?? "")).ToString(CultureInfo.InvariantCulture);
    }
}
