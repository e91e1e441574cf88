using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Resampling;
using CloudPbx.Audio.Tones;

namespace CloudPbx.Media.Relay;

/// <summary>Digits as tones in one peer's speech, in any codec that can be decoded: packets in, samples at telephone rate in front of a detector.</summary>
/// <remarks>On the loop of its stream. Allocates when a codec is first seen, never per packet after that.</remarks>
internal sealed class InbandDigits
{
    private const int LongestMilliseconds = 120;            // a packet (RFC 6716 §3.2.5)
    private const int MostSamples = DtmfDetector.SampleRate * LongestMilliseconds / 1000;

    private readonly IAudioCodec?[] _decoders = new IAudioCodec?[AudioFormats.Count];
    private readonly DtmfDetector _detector = new();
    private Resampler? _resampler;
    private short[] _decoded = new short[MostSamples], _narrow = [];
    private int _length, _at;
    private uint _ssrc;
    private bool _wide;                                     // what was taken is in the narrow one

    /// <summary>The digit that sounds now.</summary>
    public char Current => _detector.Current;

    /// <summary>How long the last digit sounded, in milliseconds.</summary>
    public int DurationMilliseconds => _detector.DurationMilliseconds;

    /// <summary>Takes a packet.</summary>
    public void Add(uint ssrc, AudioFormat format, ReadOnlySpan<byte> payload)
    {
        (_length, _at, _wide) = (0, 0, false);
        if (format is AudioFormat.None or AudioFormat.Noise || (_decoders[(int)format] ??= AudioFormats.Create(format, DtmfDetector.SampleRate)) is not { } decoder)
            return;
        int samples = decoder.SamplesOf(payload);
        if (samples == 0 || samples > decoder.SampleRate * LongestMilliseconds / 1000)
            return;
        if (ssrc != _ssrc)
            (_ssrc, _resampler) = (ssrc, null);             // another stream: its filters begin anew
        if (decoder.SampleRate == DtmfDetector.SampleRate)
        {
            _length = decoder.Decode(payload, _decoded);
            return;
        }
        if (_resampler is null)
        {
            _resampler = new Resampler(decoder.SampleRate, DtmfDetector.SampleRate);
            _decoded = new short[decoder.SampleRate * LongestMilliseconds / 1000];
            _narrow = new short[_resampler.OutputSamples(_decoded.Length)];
        }
        _length = _resampler.Process(_decoded.AsSpan(0, decoder.Decode(payload, _decoded)), _narrow);
        _wide = true;
    }

    /// <summary>Hears what was taken up to the next event. Call it until it says that nothing is left.</summary>
    /// <param name="ended">A digit that ended, or <c>'\0'</c>.</param>
    /// <param name="began">A digit began: <see cref="Current"/>.</param>
    public bool TryHear(out char ended, out bool began)
    {
        (ended, began) = ('\0', false);
        if (_at >= _length)
            return false;
        ReadOnlySpan<short> samples = (_wide ? _narrow : _decoded).AsSpan(_at.._length);
        ended = _detector.Hear(ref samples, out began);
        _at = _length - samples.Length;
        return true;
    }
}
