using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Recording;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Sessions;

/// <summary>The recordings of one session: which legs are tapped for which channel. Guarded by its session.</summary>
internal sealed class SessionRecordings(MediaLoop loop)
{
    private readonly Dictionary<RecordingId, Entry> _entries = [];

    /// <summary>Whether a recording has begun and not ended.</summary>
    public bool Has(RecordingId recording) => _entries.ContainsKey(recording);

    /// <summary>Begins a recording, or changes it; the same again changes nothing.</summary>
    /// <param name="recorder">The node's.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="left">The caller's leg.</param>
    /// <param name="right">The callee's; null where there is none: where the left one takes part in a conference, what it hears there is the right channel.</param>
    public void Set(Recorder recorder, RecordingRequest request, MediaLeg left, MediaLeg? right)
    {
        if (!_entries.TryGetValue(request.Recording, out Entry? entry))
        {
            int rate = left.IsWideband || right is { IsWideband: true } ? 16000 : 8000;
            entry = new Entry(recorder, recorder.Begin(request.Tenant, request.Recording, request.Key.Span, rate));
            _entries.Add(request.Recording, entry);
        }
        bool pauseChanged = entry.IsPaused != request.IsPaused;
        entry.Tap(recorder.FeedOf(loop.Number), left, right, request.IsPaused);
        if (pauseChanged)
            recorder.SetPaused(entry.Slot, request.IsPaused);
    }

    /// <summary>Ends a recording.</summary>
    /// <returns>Its figures, once it is written; null where there is none such.</returns>
    public Task<RecordingFigures>? End(RecordingId recording)
    {
        if (!_entries.Remove(recording, out Entry? entry))
            return null;
        entry.Release();
        // By way of the loop: what it has received so far belongs to the recording.
        var ended = new TaskCompletionSource<Task<RecordingFigures>>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(() => ended.TrySetResult(entry.Recorder.EndAsync(entry.Slot)));
        return ended.Task.Unwrap();
    }

    /// <summary>Ends all.</summary>
    public IReadOnlyList<(RecordingId Recording, Task<RecordingFigures> Figures)> EndAll() => [.. _entries.Keys.ToArray().Select(id => (id, End(id)!))];

    private sealed class Entry(Recorder recorder, int slot)
    {
        private MediaLeg? _left, _right, _heard;                // the last: whose mix is the right channel
        private RecordingTap? _leftTap, _rightTap, _heardTap;

        public Recorder Recorder => recorder;

        public int Slot => slot;

        public bool IsPaused { get; private set; }

        /// <summary>Taps these legs from now on; the others are released first, for one may have changed its side.</summary>
        public void Tap(RecordingFeed feed, MediaLeg left, MediaLeg? right, bool isPaused)
        {
            MediaLeg? heard = right is null ? left : null;
            bool all = isPaused != IsPaused, anotherLeft = all || left != _left, anotherRight = all || right != _right, anotherHeard = all || heard != _heard;
            Release(anotherLeft, anotherRight, anotherHeard);
            (_left, _right, _heard, IsPaused) = (left, right, heard, isPaused);
            RecordingTap? leftTap = isPaused ? null : new RecordingTap(feed, slot, 0), rightTap = isPaused ? null : new RecordingTap(feed, slot, 1);
            if (anotherLeft)
                left.SetTap(_leftTap = leftTap);
            if (anotherRight)
                right?.SetTap(_rightTap = rightTap);
            if (anotherHeard)
                heard?.SetHeardTap(_heardTap = rightTap);
        }

        /// <summary>Nothing of it is tapped any more; what another recording of the session taps by now is left to that.</summary>
        public void Release(bool left = true, bool right = true, bool heard = true)
        {
            if (left)
                _left?.ReleaseTap(_leftTap);
            if (right)
                _right?.ReleaseTap(_rightTap);
            if (heard)
                _heard?.ReleaseHeardTap(_heardTap);
        }
    }
}
