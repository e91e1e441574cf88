using System.IO.Pipelines;

namespace CloudPbx.CallControl.Links;

/// <summary>The worker's ends of all inner links, one per edge: takes them in, and finds each message its tenant.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class EdgeLinks
{
    /// <summary>Takes a link in and serves it until the pipe ends. The edge at the other end speaks first.</summary>
    /// <param name="pipe">A TCP connection's or an in-process pipe; owned, completed when the link ends.</param>
    public void Accept(IDuplexPipe pipe)
    {
        ArgumentNullException.ThrowIfNull(pipe);
    }
}
