using System.Net;
using CloudPbx.Api.Access;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.SignUps;

/// <summary>Counts sign-ups by address, an IPv6 network of 64 bits being one, in windows of an hour.</summary>
/// <remarks>Thread-safe; singleton; by process.</remarks>
internal sealed class SignUpLimit(IOptions<SignUpOptions> options, TimeProvider time)
{
    private const int MostAddresses = 100_000;

    private readonly Lock _gate = new();                                // rare and short
    private readonly Dictionary<IPAddress, int> _counts = [];
    private long _window;

    public bool IsExceeded(IPAddress? address, out TimeSpan retryAfter)
    {
        DateTimeOffset now = time.GetUtcNow();
        long window = now.Ticks / TimeSpan.TicksPerHour;
        retryAfter = TimeSpan.FromTicks(((window + 1) * TimeSpan.TicksPerHour) - now.Ticks);
        IPAddress key = SourceNetwork.Of(address);
        lock (_gate)
        {
            if (window != _window || _counts.Count > MostAddresses)
            {
                _counts.Clear();
                _window = window;
            }
            int count = _counts.GetValueOrDefault(key) + 1;
            _counts[key] = count;
            return count > options.Value.PerAddressAndHour;
        }
    }
}
