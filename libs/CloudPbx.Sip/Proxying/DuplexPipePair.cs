using System.IO.Pipelines;

namespace CloudPbx.Sip.Proxying;

/// <summary>Two ends of a connection inside one process: what one end writes the other reads. All-in-one's inner links run on it.</summary>
public static class DuplexPipePair
{
    /// <summary>Makes a connection.</summary>
    /// <returns>Its two ends; each completes both its directions.</returns>
    public static (IDuplexPipe One, IDuplexPipe Other) Create()
    {
        // Continuations go to the pool, whatever scheduler the writer runs on; the write queues bound what waits.
        var options = new PipeOptions(readerScheduler: PipeScheduler.ThreadPool, writerScheduler: PipeScheduler.ThreadPool, useSynchronizationContext: false);
        var there = new Pipe(options);
        var back = new Pipe(options);
        return (new End(back.Reader, there.Writer), new End(there.Reader, back.Writer));
    }

    private sealed record End(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
