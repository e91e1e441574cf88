using System.Collections.Concurrent;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Recording;

/// <summary>The node's recordings, and the one thread that writes them: loops only copy packets into its feeds.</summary>
internal sealed partial class Recorder : IDisposable
{
    private const int GatheredPackets = 8192;
    private const int FetchAhead = 2;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly MediaClock _clock;
    private readonly string _folder;
    private readonly ILogger _logger;
    private readonly RecordingFeed?[] _feeds;       // by loop
    private readonly ConcurrentQueue<(int Slot, SessionRecording Recording)> _begun = new();
    private readonly ConcurrentQueue<Action> _inbox = new();
    private readonly Dictionary<int, SessionRecording> _recordings = [];       // the recorder thread's
    private readonly RecorderScratch _scratch = new();                         // the recorder thread's
    private readonly ManualResetEventSlim _wake = new(initialState: false, spinCount: 0);
    private readonly Thread _thread;
    private readonly long[] _dropped;
    private readonly long[] _keys = new long[GatheredPackets];                 // the recorder thread's
    private int _lastSlot;
    private int _count;
    private volatile bool _stopping, _toldOfDisk;

    public Recorder(string folder, MediaClock clock, int loops, ILogger logger)
    {
        (_folder, _clock, _logger) = (Path.GetFullPath(folder), clock, logger);
        _dropped = new long[loops];
        _feeds = new RecordingFeed?[loops];
        _thread = new Thread(Run) { Name = "recorder", IsBackground = true };
    }

    /// <summary>Octets that its thread has allocated, as of its last turn.</summary>
    public long AllocatedBytes => Interlocked.Read(ref _allocatedBytes);

    private long _allocatedBytes;

    /// <summary>Recordings under way.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Opens files; tests give a disk that fails.</summary>
    public Func<string, IRecordingFile> Open { get; set; } = path => new RecordingFile(path);

    /// <summary>Begins to write. What a process before this one has left is made ready for upload.</summary>
    public void Start()
    {
        try
        {
            if (RecordingSpool.Recover(_folder) is > 0 and int count)
                LogRecovered(count, _folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogNoDisk(_folder, fault.Message);
        }
        _thread.Start();
    }

    /// <summary>The feed of a loop, made with its first recording. On a control thread.</summary>
    /// <param name="loop">The loop's number.</param>
    public RecordingFeed FeedOf(int loop)
    {
        lock (_feeds)
        {
            for (int i = 0; i <= loop; i++)
            {
                if (_feeds[i] is null)
                    Volatile.Write(ref _feeds[i], new RecordingFeed());
            }
            return _feeds[loop]!;
        }
    }

    /// <summary>Begins a recording. On a control thread.</summary>
    /// <returns>Its slot, for taps.</returns>
    public int Begin(TenantId tenant, RecordingId recording, ReadOnlySpan<byte> key, int rate)
    {
        int slot = Interlocked.Increment(ref _lastSlot);
        string path = RecordingSpool.FileOf(_folder, tenant, recording);
        var begun = new SessionRecording(recording, key, rate, _clock.Microseconds, _scratch, () => TryOpen(path));
        Interlocked.Increment(ref _count);
        _begun.Enqueue((slot, begun));
        _wake.Set();
        return slot;
    }

    /// <summary>Somebody paused a recording, or goes on with it. The taps are the loop's business.</summary>
    public void SetPaused(int slot, bool paused)
    {
        long now = _clock.Microseconds;
        Post(() =>
        {
            if (!_recordings.TryGetValue(slot, out SessionRecording? recording))
                return;
            if (paused)
                recording.Pause(now);
            else
                recording.Resume(now);
        });
    }

    /// <summary>Ends a recording, after the packets that its loop has written so far.</summary>
    public Task<RecordingFigures> EndAsync(int slot)
    {
        var figures = new TaskCompletionSource<RecordingFigures>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            BeginAsked();
            figures.TrySetResult(End(slot));
        });
        _wake.Set();
        return figures.Task;
    }

    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        if (_thread.IsAlive)
            _thread.Join();
        _wake.Dispose();
    }

    private IRecordingFile? TryOpen(string path)
    {
        try
        {
            IRecordingFile file = Open(path);
            _toldOfDisk = false;
            return file;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            if (!_toldOfDisk)
                LogNoDisk(_folder, fault.Message);
            _toldOfDisk = true;                     // each recording tries again every few seconds
            return null;
        }
    }

    private void Post(Action action) => _inbox.Enqueue(action);

    private RecordingFigures End(int slot)
    {
        if (!_recordings.Remove(slot, out SessionRecording? recording))
            return RecordingFigures.None;
        Interlocked.Decrement(ref _count);
        Try(recording, _clock.Microseconds, static (which, now) => which.Finish(now));
        RecordingFigures figures = recording.Figures();
        recording.Dispose();
        if (figures.IsPartial)
            LogPartial(recording.Id);
        return figures;
    }

    private void Run()
    {
        while (!_stopping)
        {
            // Where nothing is recorded nothing comes by the feeds.
            _wake.Wait(_recordings.Count == 0 && _begun.IsEmpty && _inbox.IsEmpty ? Timeout.InfiniteTimeSpan : s_interval);
            _wake.Reset();
            try
            {
                Turn();
                Interlocked.Exchange(ref _allocatedBytes, GC.GetAllocatedBytesForCurrentThread());
            }
#pragma warning disable CA1031 // whatever one recording does, the others are written
            catch (Exception fault)
            {
                LogFault(fault);
            }
#pragma warning restore CA1031
        }
        Turn();
        foreach (int slot in _recordings.Keys.ToArray())
            End(slot);
    }

    /// <summary>One turn: what was asked for before the packets were read is done after them, so that a recording's end comes behind its last packet.</summary>
    private void Turn()
    {
        int asked = _inbox.Count;
        long now = _clock.Microseconds;         // before anything is read: what waits in a feed while another is read is not late
        BeginAsked();
        for (int i = 0; i < _dropped.Length && FeedAt(i) is { } feed; i++)
        {
            Read(feed);
            if (feed.Dropped != _dropped[i])
            {
                _dropped[i] = feed.Dropped;
                foreach (SessionRecording recording in _recordings.Values)
                    recording.Fail();
            }
        }
        while (asked-- > 0 && _inbox.TryDequeue(out Action? action))
            action();
        foreach (SessionRecording recording in _recordings.Values)
            Try(recording, now, static (which, at) => which.Advance(at));
    }

    /// <summary>Recording by recording: what one needs is fetched from memory once for all of its packets.</summary>
    private void Read(RecordingFeed feed)
    {
        while (feed.Gather(_keys) is > 0 and int count)
        {
            Span<long> keys = _keys.AsSpan(0, count);
            keys.Sort();
            int slot = RecordingFeed.Skip;
            SessionRecording? recording = null;
            for (int i = 0; i < count; i++)
            {
                if (i + FetchAhead < count)
                    feed.Fetch(keys[i + FetchAhead]);
                if (RecordingFeed.SlotOf(keys[i]) != slot)
                {
                    slot = RecordingFeed.SlotOf(keys[i]);
                    recording = Find(slot);
                }
                if (recording is not null && !Try(recording, (feed, keys[i]), static (to, from) => to.Add(from.feed.Read(from.Item2, out ReadOnlySpan<byte> payload), payload)))
                    recording = null;
            }
            feed.Release();
        }
    }

    /// <summary>Does one step of a recording: whatever that does, the others are written.</summary>
    private bool Try<T>(SessionRecording recording, T with, Action<SessionRecording, T> step)
    {
        try
        {
            step(recording, with);
            return true;
        }
#pragma warning disable CA1031 // a bug in one recording must not hold up those that are written after it
        catch (Exception fault)
        {
            LogFault(fault);
            recording.Fail();
            return false;
        }
#pragma warning restore CA1031
    }

    private SessionRecording? Find(int slot)
    {
        if (!_recordings.TryGetValue(slot, out SessionRecording? recording))
        {
            BeginAsked();                       // begun just now: that was asked for before its tap was set
            _recordings.TryGetValue(slot, out recording);
        }
        return recording;
    }

    private void BeginAsked()
    {
        while (_begun.TryDequeue(out (int Slot, SessionRecording Recording) begun))
            _recordings.Add(begun.Slot, begun.Recording);
    }

    private RecordingFeed? FeedAt(int loop) => Volatile.Read(ref _feeds[loop]);

    [LoggerMessage(LogLevel.Warning, "{Count} recordings of a process that was killed in {Folder} are kept but for their last second")]
    private partial void LogRecovered(int count, string folder);

    [LoggerMessage(LogLevel.Error, "Recordings cannot be written to {Folder}: {Reason}. Calls go on, their recordings are marked as partial. Free the disk or set Media:RecordingFolder.")]
    private partial void LogNoDisk(string folder, string reason);

    [LoggerMessage(LogLevel.Warning, "Recording {RecordingId} is partial: the disk or the recorder could not follow, or a codec could not be decoded")]
    private partial void LogPartial(RecordingId recordingId);

    [LoggerMessage(LogLevel.Error, "The recorder met a fault")]
    private partial void LogFault(Exception fault);
}
