using System.Globalization;

namespace CloudPbx.Sip.Proxying;

/// <summary>Where a worker listens for the edges' inner links.</summary>
/// <param name="Host">A name or an address; IPv6 without brackets.</param>
/// <param name="Port">The TCP port; 0 where the link is a pipe in the same process.</param>
public readonly record struct WorkerAddress(string Host, int Port)
{
    /// <summary>Reads <c>host:port</c>; an IPv6 address stands in brackets.</summary>
    /// <returns>False when the text is no such pair.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out WorkerAddress address)
    {
        address = default;
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            return false;
        ReadOnlySpan<char> host = text[..colon];
        if (host[0] == '[')
        {
            if (host.Length < 4 || host[^1] != ']')
                return false;
            host = host[1..^1];
        }
        else if (host.Contains(':'))
        {
            return false;
        }
        address = new WorkerAddress(host.ToString(), port);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Host.Contains(':', StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}") : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
