using System.IO.Pipelines;
using System.Net;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Edge.Dispatch;

/// <summary>Opens inner links by TCP. A cluster's network policy keeps strangers off these ports; mutual TLS comes with the platform's authority (S37).</summary>
internal sealed class TcpWorkerConnector : IWorkerConnector
{
    public async ValueTask<IDuplexPipe> ConnectAsync(WorkerAddress worker, CancellationToken cancel) =>
        await ThreadPipe.ConnectAsync(new DnsEndPoint(worker.Host, worker.Port), cancel);
}
