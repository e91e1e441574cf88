namespace CloudPbx.CallControl.Tenants;

/// <summary>How long what a new call needs waits in this worker, and behind it: what the edges go by when they admit new work (SECURITY.md S12). The wait for the thread
/// pool is not in it: the answer to hello, which tells this, has made that itself.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class WorkerDelay(TimeProvider time)
{
    /// <summary>How long messages wait before their tenant's thread takes them.</summary>
    public QueueDelay Tenants { get; } = new(time);

    /// <summary>How long a call's first question to its media node takes, until its tenant goes on.</summary>
    public AnswerDelay Media { get; } = new(time);

    /// <summary>The longer of them.</summary>
    public TimeSpan Current
    {
        get
        {
            (TimeSpan tenants, TimeSpan media) = (Tenants.Current, Media.Current);
            return tenants > media ? tenants : media;
        }
    }
}
