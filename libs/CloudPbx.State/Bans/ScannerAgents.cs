using System.Text;

namespace CloudPbx.State.Bans;

/// <summary>What known scanners call themselves (SECURITY.md S2). A hint and no more: whoever writes a scanner may call it what he likes, and nobody is turned away for a name.</summary>
/// <remarks>The list is that of Kamailio's default configuration, with what SIPVicious' tools say by themselves. Edges and workers judge alike.</remarks>
public static class ScannerAgents
{
    private const int Longest = 256;

    private static readonly byte[][] s_words =
    [
        .. ((string[])["friendly-scanner", "friendly-request", "sipcli", "sipvicious", "sundayddr", "iwar", "sipsak", "sip-scan", "sipscan", "vaxsipuseragent", "vaxasip", "pplsip", "scanner", "zfuzz", "gulp-sip"])
            .Select(Encoding.ASCII.GetBytes),
    ];

    /// <summary>Whether somebody calls himself a scanner.</summary>
    /// <param name="userAgent">The User-Agent's octets; empty where there is none.</param>
    /// <returns>True where one of the names is in it, in whatever case.</returns>
    public static bool Include(ReadOnlySpan<byte> userAgent)
    {
        if (userAgent.IsEmpty)
            return false;
        Span<byte> lower = stackalloc byte[Longest];
        int length = Math.Min(userAgent.Length, Longest);
        for (int i = 0; i < length; i++)
            lower[i] = userAgent[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(userAgent[i] | 0x20) : userAgent[i];
        lower = lower[..length];
        foreach (byte[] word in s_words)
            if (lower.IndexOf(word) >= 0)
                return true;
        return false;
    }

    /// <inheritdoc cref="Include(ReadOnlySpan{byte})"/>
    public static bool Include(string? userAgent) => userAgent is not null && s_words.Any(word => userAgent.Contains(Encoding.ASCII.GetString(word), StringComparison.OrdinalIgnoreCase));
}
