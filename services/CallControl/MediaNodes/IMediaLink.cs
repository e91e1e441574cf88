using CloudPbx.CallControl.Tenants;
using CloudPbx.Hosting;
using CloudPbx.MediaControl;
using CloudPbx.State.MediaNodes;
using Microsoft.Extensions.Options;

namespace CloudPbx.CallControl.MediaNodes;

/// <summary>The connection to one media node.</summary>
internal interface IMediaLink : IAsyncDisposable
{
    /// <summary>Whether commands reach the node now.</summary>
    bool IsConnected { get; }

    /// <summary>The node's door for an owner's epoch.</summary>
    IMediaNode ForEpoch(long epoch);
}

/// <summary>Connects to media nodes.</summary>
internal interface IMediaLinks
{
    /// <summary>Begins to connect, and goes on until the link is disposed of.</summary>
    /// <param name="node">Which node.</param>
    /// <param name="events">Called for each of its reports.</param>
    IMediaLink Open(MediaNodeAddress node, IMediaEvents events);
}

/// <summary>Media control as a node's address says: by connections of its own, or by gRPC.</summary>
internal sealed class MediaControlLinks(IOptions<ClientTlsOptions> tls, TimeProvider time, ILogger<MediaControlClient> logger) : IMediaLinks
{
    /// <summary>How a node is reached. Tenants wait for commands on their schedulers; the turns that answers wake are taken by the thread that read them.</summary>
    public static MediaControlClientOptions To(Uri node, ClientTlsOptions tls) => new() { Node = node, Tls = tls.Read, BeforeRead = HeldTurns.Open, AfterRead = HeldTurns.Run };

    public IMediaLink Open(MediaNodeAddress node, IMediaEvents events)
    {
        var client = new MediaControlClient(To(new Uri(node.Address), tls.Value), events, time, logger);
        client.Start();
        return new Link(client);
    }

    private sealed class Link(MediaControlClient client) : IMediaLink
    {
        public bool IsConnected => client.IsConnected;

        public IMediaNode ForEpoch(long epoch) => client.ForEpoch(epoch);

        public ValueTask DisposeAsync() => client.DisposeAsync();
    }
}
