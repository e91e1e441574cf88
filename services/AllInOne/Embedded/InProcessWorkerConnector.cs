using System.IO.Pipelines;
using CloudPbx.CallControl.Links;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.AllInOne.Embedded;

/// <summary>The inner link inside one process: two pipes instead of a TCP connection.</summary>
internal sealed class InProcessWorkerConnector(EdgeLinks worker) : IWorkerConnector
{
    /// <inheritdoc/>
    public ValueTask<IDuplexPipe> ConnectAsync(WorkerAddress _, CancellationToken cancel)
    {
        (IDuplexPipe edge, IDuplexPipe ours) = DuplexPipePair.Create();
        worker.Accept(ours);
        return ValueTask.FromResult(edge);
    }
}
