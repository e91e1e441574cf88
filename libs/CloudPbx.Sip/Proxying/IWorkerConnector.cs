using System.IO.Pipelines;

namespace CloudPbx.Sip.Proxying;

/// <summary>Opens the connection that an inner link runs on: TCP between processes, a pair of pipes inside one.</summary>
public interface IWorkerConnector
{
    /// <summary>Connects to a worker.</summary>
    /// <param name="worker">Where it listens.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The edge's end; its owner completes both directions.</returns>
    /// <exception cref="IOException">The worker cannot be reached (also as <see cref="System.Net.Sockets.SocketException"/>).</exception>
    ValueTask<IDuplexPipe> ConnectAsync(WorkerAddress worker, CancellationToken cancel);
}
