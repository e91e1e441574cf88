using System.Net.Security;

namespace CloudPbx.MediaControl;

/// <summary>How a controller reaches its media node.</summary>
public sealed class MediaControlClientOptions
{
    /// <summary><c>unix:/path/to/socket</c> or <c>tcp://host:port</c>; by gRPC <c>http://host:port</c>, which is in clear, or <c>https://host:port</c>.</summary>
    public required Uri Node { get; set; }

    /// <summary>For <c>https://</c>: how the node is verified, and what we show it. Asked for each connection, so that renewed files count; null: as the system does, and nothing.</summary>
    public Func<SslClientAuthenticationOptions>? Tls { get; set; }

    /// <summary>Names this controller to the node over reconnections, so that reports meanwhile are not lost.</summary>
    public string Controller { get; set; } = Guid.NewGuid().ToString("N");

    /// <summary>After so long without a word from the node, which is asked for one twice as often, the connection counts as broken: the node froze, or a cable was pulled.</summary>
    public TimeSpan Silence { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Called on the reading thread before the events of one read; null: nothing.</summary>
    public Action? BeforeRead { get; set; }

    /// <summary>
    /// Called on the reading thread after them; null: nothing. Where it is set, whoever waits for a command without a scheduler of its own goes on on that thread too: its
    /// owner has every wait resume on a tenant's scheduler, and takes the turns that these woke here.
    /// </summary>
    public Action? AfterRead { get; set; }

    /// <summary>How long a command may take, reconnecting included.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>When the node has been away this long, commands are refused at once instead of waiting for it.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Pause between two tries to connect.</summary>
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>After this long without a connection the node has ended our sessions: they are reported lost.</summary>
    public TimeSpan LostAfter { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>
    /// The same when the node's address refuses connections: its process is gone, and its sessions with it. A restarted node is
    /// noticed earlier, by its instance. Short, since the calls are taken to another node then.
    /// </summary>
    public TimeSpan LostAfterRefusal { get; set; } = TimeSpan.FromSeconds(1);
}
