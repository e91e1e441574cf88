namespace CloudPbx.Softphone;

// Speech whose delay is measured, in media time: each phone tells time by what it has sent.
public sealed partial class PhoneAudio
{
    private ReadOnlyMemory<short> _speech;
    private int _packetTimes;                   // passed since the call began: the media clock
    private List<HeardSpeech>? _collected;
    private int _wanted;
    private TaskCompletionSource<IReadOnlyList<HeardSpeech>>? _collecting;

    /// <summary>Gets the samples per second of what is said; 0 before anything is agreed on.</summary>
    public int SpokenRate
    {
        get { lock (_gate) return _encoder?.SampleRate ?? 0; }
    }

    /// <summary>Gets the samples per second of what is heard; 0 before anything is agreed on.</summary>
    public int HeardRate
    {
        get { lock (_gate) return _decoder?.SampleRate ?? 0; }
    }

    private TimeSpan MediaClock => TimeSpan.FromMilliseconds((double)_packetTimes * _options.PtimeMilliseconds);

    /// <summary>Says something once, instead of the tone.</summary>
    /// <param name="speech">Samples at <see cref="SpokenRate"/>; what fills no packet at the end is left out.</param>
    /// <returns>The media clock when its first packet goes out.</returns>
    public TimeSpan Say(ReadOnlyMemory<short> speech)
    {
        lock (_gate)
        {
            _speech = speech;
            return MediaClock;
        }
    }

    /// <summary>Keeps the packets of speech that come from now on.</summary>
    /// <param name="packets">How many.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">Another one is collecting.</exception>
    public Task<IReadOnlyList<HeardSpeech>> CollectAsync(int packets, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (_collected is not null) throw new InvalidOperationException("What is heard is being collected already.");
            (_collected, _wanted) = (new List<HeardSpeech>(packets), packets);
            _collecting = new TaskCompletionSource<IReadOnlyList<HeardSpeech>>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _collecting.Task.WaitAsync(cancel);
        }
    }

    /// <summary>Fills a packet with what is said, or with the tone.</summary>
    private void Speak(Span<short> samples)
    {
        if (_speech.Length < samples.Length)
        {
            _tone?.Read(samples);
            return;
        }
        _speech.Span[..samples.Length].CopyTo(samples);
        _speech = _speech[samples.Length..];
    }

    private void Collect(ReadOnlySpan<short> samples)
    {
        if (_collected is not { } collected) return;
        collected.Add(new HeardSpeech(MediaClock, samples.ToArray()));
        if (collected.Count < _wanted) return;
        _collected = null;
        _collecting!.TrySetResult(collected);
    }
}
