using System.Net;
using CloudPbx.Api.Access;

namespace CloudPbx.Api.Devices;

/// <summary>Shuts out who guesses provisioning links: after a few misses a source gets nothing for a while, not even what would be right, and is not told so.</summary>
/// <remarks>Thread-safe; singleton; by process.</remarks>
internal sealed partial class ProvisioningGuard(TimeProvider time, ILogger<ProvisioningGuard> logger)
{
    /// <summary>Misses that a source may have: links that are over, scanned again.</summary>
    public const int MostMisses = 10;

    /// <summary>How long misses count, and how long a source is shut out.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    private const int MostSources = 100_000;

    private readonly Lock _gate = new();                                // a few instructions
    private readonly Dictionary<IPAddress, (int Misses, DateTimeOffset Until)> _sources = [];

    /// <summary>Whether a source gets nothing now.</summary>
    public bool IsShutOut(IPAddress? address)
    {
        lock (_gate)
            return _sources.TryGetValue(SourceNetwork.Of(address), out (int Misses, DateTimeOffset Until) source) && source.Until > time.GetUtcNow() && source.Misses >= MostMisses;
    }

    /// <summary>A source asked for a link that there is not.</summary>
    public void Missed(IPAddress? address)
    {
        IPAddress source = SourceNetwork.Of(address);
        DateTimeOffset now = time.GetUtcNow();
        int misses;
        lock (_gate)
        {
            if (_sources.Count >= MostSources)
                _sources.Clear();
            misses = _sources.TryGetValue(source, out (int Misses, DateTimeOffset Until) known) && known.Until > now ? known.Misses + 1 : 1;
            _sources[source] = (misses, now + Memory);
        }
        if (misses == MostMisses)
            LogShutOut(source, Memory.TotalMinutes);
    }

    [LoggerMessage(LogLevel.Warning, "{Source} guesses provisioning links; it gets none until it has been quiet for {Minutes} minutes")]
    private partial void LogShutOut(IPAddress source, double minutes);
}
