using CloudPbx.Audio.Resampling;
using CloudPbx.Audio.Tones;
using CloudPbx.MediaControl;
using CloudPbx.Net.Memory;
using CloudPbx.Rtp.Packets;

namespace CloudPbx.Media.Mixing;

/// <summary>One party of a <see cref="Conference"/>: what it says, what it is sent, and what it may.</summary>
/// <remarks>On the mixing thread, but for the port's other side.</remarks>
internal sealed class Participant
{
    private static readonly double s_speaking = AudioLevel.MeanSquareOf(-38);
    private const int SpeakingFrames = 3, SilentFrames = 20;        // 60 ms begin a talk, 400 ms end it
    private const int MaxPayload = 1275;

    /// <summary>How many turns ahead <see cref="Approaching"/> begins.</summary>
    public const int Foresight = 4;

    private readonly short[] _said = new short[Rates.WideFrame];
    private readonly short[] _queue = new short[16 * 80];           // up to one frame of 60 ms, and one that comes
    [ThreadStatic] private static byte[]? t_payload;                // one for all parties, so that it stays in the cache
    private MixFormat _format;
    private SpeechIn _speech;
    private Resampler? _toOther;
    private readonly short[] _converted = new short[Rates.WideFrame];
    private int _queued, _loud, _quiet;

    /// <summary>Makes one.</summary>
    /// <param name="leg">Whose it is.</param>
    /// <param name="port">Its packets.</param>
    /// <param name="format">What was agreed on with it.</param>
    public Participant(LegId leg, MixPort port, MixFormat format)
    {
        Leg = leg;
        Port = port;
        _format = format;
        _speech = NewSpeech();
    }

    public LegId Leg { get; }

    public MixPort Port { get; }

    /// <summary>What it may; replaced whole.</summary>
    public MixRights Rights { get; set; } = new();

    /// <summary>Told when it begins and ends to speak.</summary>
    public Action<LegId, bool>? OnSpeaking { get; init; }

    /// <summary>Told when the conference ends before it leaves.</summary>
    public Action? OnReleased { get; init; }

    /// <summary>Whether it is mixed at 16 kHz.</summary>
    public bool IsWide => _format.Encoder.SampleRate > Rates.Narrow;

    /// <summary>Whether there is anything of it in this frame that others may hear.</summary>
    public bool Speaks { get; private set; }

    /// <summary>Whether it has been speaking for a moment.</summary>
    public bool IsSpeaking { get; private set; }

    /// <summary>What it said in this frame, at its own rate.</summary>
    public ReadOnlySpan<short> Said => _said.AsSpan(0, FrameLength);

    /// <summary>Samples of a frame.</summary>
    public int FrameLength => IsWide ? Rates.WideFrame : Rates.NarrowFrame;

    /// <summary>The delay of its jitter buffer in milliseconds.</summary>
    public int DelayMilliseconds => _speech.DelayMilliseconds;

    /// <summary>Another offer/answer.</summary>
    public void Apply(MixFormat format)
    {
        bool same = format.Encoder.SampleRate == _format.Encoder.SampleRate;
        _format = format;
        _queued = 0;
        _speech.Kinds = format.Kinds;
        if (same)
            return;
        _speech = NewSpeech();
        _toOther = null;
    }

    /// <summary>Asks the processor for what <see cref="Collect"/> is about to touch.</summary>
    /// <param name="turns">After how many other parties its turn comes, <see cref="Foresight"/> at most: called once for each number, downwards.</param>
    public void Approaching(int turns)
    {
        switch (turns)
        {
            case Foresight:
                CacheLines.Fetch(this, 192);
                break;
            case Foresight - 1:
                CacheLines.Fetch(_speech, 128);
                CacheLines.Fetch(Port, 64);
                break;
            case Foresight - 2:
                CacheLines.Fetch(Port.In, 64);
                CacheLines.Fetch(_said, FrameLength * sizeof(short));
                _speech.Approaching(near: false);
                break;
            default:
                Port.In.ApproachingReader();
                _speech.Approaching(near: true);
                break;
        }
    }

    /// <summary>Takes what came since the last frame, and makes this frame's samples of it.</summary>
    /// <param name="now">Milliseconds.</param>
    public void Collect(long now)
    {
        while (Port.In.TryRead(out long arrival, out Span<byte> octets))
        {
            if (RtpPacket.Parse(octets, out RtpPacket packet) == RtpParseError.None)
                _speech.Add(packet, arrival / 1000);
        }
        bool anything = _speech.Take(now, _said.AsSpan(0, FrameLength));
        Speaks = anything && Rights is { Speaks: true, Muted: false };
        Watch(Speaks && AudioLevel.IsAbove(Said, s_speaking));
    }

    /// <summary>What it said, at the other rate: for one hearer only.</summary>
    public ReadOnlySpan<short> SaidAt(bool wide)
    {
        if (wide == IsWide)
            return Said;
        _toOther ??= wide ? new Resampler(Rates.Narrow, Rates.Wide) : new Resampler(Rates.Wide, Rates.Narrow);
        return _converted.AsSpan(0, _toOther.Process(Said, _converted));
    }

    /// <summary>Encodes what it hears; frames that are full go out.</summary>
    /// <param name="samples">Twenty milliseconds at its rate.</param>
    public void Hear(ReadOnlySpan<short> samples)
    {
        int frame = _format.Encoder.SampleRate * _format.FrameMilliseconds / 1000;
        if (_queued == 0 && samples.Length == frame)
        {
            Encode(samples);                                // nearly always: 20 ms
            return;
        }
        samples.CopyTo(_queue.AsSpan(_queued));
        _queued += samples.Length;
        while (_queued >= frame)
        {
            Encode(_queue.AsSpan(0, frame));
            _queued -= frame;
            _queue.AsSpan(frame, _queued).CopyTo(_queue);
        }
    }

    private void Encode(ReadOnlySpan<short> frame)
    {
        byte[] payload = t_payload ??= new byte[MaxPayload];
        int length = _format.Encoder.Encode(frame, payload);
        if (length > 0)
            Port.Out.TryWrite(MixPort.Stamp(_format.Format, _format.PayloadType, (uint)(_format.Encoder.ClockRate * _format.FrameMilliseconds / 1000), _format.Encoder.ClockRate), payload.AsSpan(0, length));
    }

    private SpeechIn NewSpeech() => new(_format.Encoder.SampleRate) { Kinds = _format.Kinds };

    private void Watch(bool loud)
    {
        _loud = loud ? _loud + 1 : 0;
        _quiet = loud ? 0 : _quiet + 1;
        bool speaking = IsSpeaking ? _quiet < SilentFrames : _loud >= SpeakingFrames;
        if (speaking == IsSpeaking)
            return;
        IsSpeaking = speaking;
        OnSpeaking?.Invoke(Leg, speaking);
    }
}
