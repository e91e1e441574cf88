using System.IO.Pipelines;
using System.Net.Sockets;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Edge.Dispatch;

/// <summary>Opens inner links by TCP. A cluster's network policy keeps strangers off these ports; mutual TLS comes with the platform's authority (S37).</summary>
internal sealed class TcpWorkerConnector : IWorkerConnector
{
    public async ValueTask<IDuplexPipe> ConnectAsync(WorkerAddress worker, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(worker.Host, worker.Port, cancel);
            var stream = new NetworkStream(socket, ownsSocket: true);
            return new Connection(PipeReader.Create(stream), PipeWriter.Create(stream));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed record Connection(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
