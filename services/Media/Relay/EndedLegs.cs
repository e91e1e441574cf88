using System.Collections.Concurrent;
using CloudPbx.MediaControl;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Relay;

/// <summary>Figures of legs that a loop has ended, on their way to who asked for them: those of one round are told by one piece of the pool's work, and what that leads to is written together.</summary>
internal sealed class EndedLegs : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<(TaskCompletionSource<LegStatistics> Asked, LegStatistics Figures)> _ended = new();
    private int _isQueued;

    /// <summary>A leg has ended. From any thread; who waits goes on elsewhere.</summary>
    /// <param name="asked">Completed, with its continuations, by the pool.</param>
    /// <param name="figures">What with.</param>
    public void Tell(TaskCompletionSource<LegStatistics> asked, LegStatistics figures)
    {
        _ended.Enqueue((asked, figures));
        if (Interlocked.Exchange(ref _isQueued, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _isQueued, 0);                   // before the queue is emptied: who tells of one now begins another turn
        using WriteBatch.Scope batch = WriteBatch.Begin();
        while (_ended.TryDequeue(out (TaskCompletionSource<LegStatistics> Asked, LegStatistics Figures) ended))
            ended.Asked.TrySetResult(ended.Figures);
    }
}
