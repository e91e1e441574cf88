using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace CloudPbx.Identity;

/// <summary>Counts sign-in attempts by address, an IPv6 network of 64 bits being one, in windows of a minute: who guesses at many accounts never locks one.</summary>
/// <remarks>Thread-safe; singleton; by process.</remarks>
internal sealed class AttemptLimit(IOptions<IdentityOptions> options, TimeProvider time)
{
    private const int MostAddresses = 100_000;

    private readonly Lock _gate = new();                        // a sign-in costs a slow hash: this lock is nothing beside it
    private readonly Dictionary<IPAddress, int> _counts = [];
    private long _window;

    /// <summary>Counts an attempt.</summary>
    /// <param name="address">Where it came from; <see langword="null"/> counts as one address.</param>
    /// <param name="retryAfter">When the next will be let in.</param>
    /// <returns>Whether it is one too many.</returns>
    public bool IsExceeded(IPAddress? address, out TimeSpan retryAfter)
    {
        DateTimeOffset now = time.GetUtcNow();
        long window = now.Ticks / TimeSpan.TicksPerMinute;
        retryAfter = TimeSpan.FromTicks(((window + 1) * TimeSpan.TicksPerMinute) - now.Ticks);
        IPAddress key = Network(address ?? IPAddress.None);
        lock (_gate)
        {
            if (window != _window || _counts.Count > MostAddresses)
            {
                _counts.Clear();
                _window = window;
            }
            int count = _counts.GetValueOrDefault(key) + 1;
            _counts[key] = count;
            return count > options.Value.AttemptsPerMinute;
        }
    }

    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        byte[] octets = address.GetAddressBytes();
        octets.AsSpan(8).Clear();
        return new IPAddress(octets);
    }
}
