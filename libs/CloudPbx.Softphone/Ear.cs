using System.Runtime.InteropServices;
using CloudPbx.Audio.Tones;

namespace CloudPbx.Softphone;

/// <summary>Measures what arrives, and lets others wait until something is heard.</summary>
internal sealed class Ear
{
    private readonly Lock _gate = new();        // between the receiver and those who wait
    private readonly List<Listener> _listeners = [];
    private ToneDetector _detector = new(8000);
    private int _sampleRate = 8000;
    private bool _closed;

    /// <summary>Samples per second of what is heard.</summary>
    public int SampleRate
    {
        get { lock (_gate) return _sampleRate; }
        set
        {
            lock (_gate)
            {
                if (_sampleRate == value) return;
                _sampleRate = value;
                _detector = new ToneDetector(value);
            }
        }
    }

    /// <summary>Takes decoded samples.</summary>
    public void Hear(ReadOnlySpan<short> samples)
    {
        lock (_gate)
        {
            _detector.Add(samples);
            for (int i = _listeners.Count - 1; i >= 0; i--)
            {
                if (_listeners[i].Add(samples, _detector)) _listeners.RemoveAt(i);
            }
        }
    }

    /// <summary>Wakes those who wait for something other than samples.</summary>
    public void Notice() => Hear([]);

    /// <summary>Waits until so many samples have been heard from now on, and measures them.</summary>
    public Task<ToneMeasurement> ListenAsync(TimeSpan duration, CancellationToken cancel)
    {
        lock (_gate) return Add(new Listener([], (int)(duration.TotalSeconds * _sampleRate), _sampleRate, null), cancel);
    }

    /// <summary>Waits until a condition has held for a whole window (a quarter of a second).</summary>
    public Task<ToneMeasurement> WaitForAsync(Func<ToneMeasurement, bool> condition, CancellationToken cancel)
    {
        lock (_gate) return Add(new Listener(null, _detector.WindowSamples, _sampleRate, condition), cancel);
    }

    /// <summary>Waits until a condition on something other than samples holds; asked at once, and at each packet.</summary>
    public Task<ToneMeasurement> WaitForAsync(Func<bool> condition, CancellationToken cancel)
    {
        Task<ToneMeasurement> heard;
        lock (_gate) heard = Add(new Listener(null, 0, _sampleRate, _ => condition()), cancel);
        Notice();
        return heard;
    }

    /// <summary>Ends all waiting.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (Listener listener in _listeners) listener.Close();
            _listeners.Clear();
        }
    }

    private Task<ToneMeasurement> Add(Listener listener, CancellationToken cancel)
    {
        if (_closed) listener.Close();
        else _listeners.Add(listener);
        return listener.Heard.WaitAsync(cancel);
    }

    private sealed class Listener(List<short>? collected, int wanted, int sampleRate, Func<ToneMeasurement, bool>? condition)
    {
        private readonly TaskCompletionSource<ToneMeasurement> _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private int _held;

        public Task<ToneMeasurement> Heard => _heard.Task;

        public bool Add(ReadOnlySpan<short> samples, ToneDetector detector)
        {
            if (collected is null)
            {
                // The condition has to hold for a whole window: at its start the window is half full of what was before.
                ToneMeasurement now = detector.Measure();
                _held = condition!(now) ? _held + samples.Length : 0;
                return _held >= wanted && condition(now) && _heard.TrySetResult(now);
            }
            collected.AddRange(samples);
            return collected.Count >= wanted && _heard.TrySetResult(ToneDetector.Measure(CollectionsMarshal.AsSpan(collected), sampleRate));
        }

        public void Close() => _heard.TrySetException(new InvalidOperationException("The call ended before enough was heard."));
    }
}
