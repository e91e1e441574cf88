using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Recording;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Sessions;

/// <summary>The recordings of one session: which legs are tapped for which channel. Guarded by its session.</summary>
internal sealed class SessionRecordings(MediaLoop loop)
{
    private readonly Dictionary<RecordingId, Entry> _entries = [];

    /// <summary>Begins a recording, or changes it; the same again changes nothing.</summary>
    /// <param name="recorder">The node's.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="left">The caller's leg.</param>
    /// <param name="right">The callee's, or null.</param>
    public void Set(Recorder recorder, RecordingRequest request, MediaLeg left, MediaLeg? right)
    {
        if (!_entries.TryGetValue(request.Recording, out Entry? entry))
        {
            int rate = left.IsWideband || right is { IsWideband: true } ? 16000 : 8000;
            entry = new Entry(recorder, recorder.Begin(request.Tenant, request.Recording, request.Key.Span, rate));
            _entries.Add(request.Recording, entry);
        }
        RecordingFeed feed = recorder.FeedOf(loop.Number);
        bool pauseChanged = entry.IsPaused != request.IsPaused;
        entry.Left = Tap(entry.Left, left, 0, feed, entry.Slot, request.IsPaused, pauseChanged);
        entry.Right = Tap(entry.Right, right, 1, feed, entry.Slot, request.IsPaused, pauseChanged);
        if (pauseChanged)
            recorder.SetPaused(entry.Slot, request.IsPaused);
        entry.IsPaused = request.IsPaused;
    }

    /// <summary>Ends a recording.</summary>
    /// <returns>Its figures, once it is written; null where there is none such.</returns>
    public Task<RecordingFigures>? End(RecordingId recording)
    {
        if (!_entries.Remove(recording, out Entry? entry))
            return null;
        entry.Left?.SetTap(null);
        entry.Right?.SetTap(null);
        // By way of the loop: what it has received so far belongs to the recording.
        var ended = new TaskCompletionSource<Task<RecordingFigures>>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(() => ended.TrySetResult(entry.Recorder.EndAsync(entry.Slot)));
        return ended.Task.Unwrap();
    }

    /// <summary>Ends all.</summary>
    public IReadOnlyList<(RecordingId Recording, Task<RecordingFigures> Figures)> EndAll() => [.. _entries.Keys.ToArray().Select(id => (id, End(id)!))];

    private static MediaLeg? Tap(MediaLeg? before, MediaLeg? now, byte side, RecordingFeed feed, int slot, bool paused, bool pauseChanged)
    {
        if (before == now && !pauseChanged)
            return now;
        if (before != now)
            before?.SetTap(null);
        now?.SetTap(paused ? null : new RecordingTap(feed, slot, side));
        return now;
    }

    private sealed class Entry(Recorder recorder, int slot)
    {
        public Recorder Recorder => recorder;

        public int Slot => slot;

        public MediaLeg? Left { get; set; }

        public MediaLeg? Right { get; set; }

        public bool IsPaused { get; set; }
    }
}
