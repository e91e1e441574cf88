using System.Security.Cryptography;
using CloudPbx.Audio.Codecs;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Recording;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Recording;

/// <summary>A file in memory; a disk that is full for a while, if wanted.</summary>
internal sealed class MemoryFile : IRecordingFile
{
    private readonly MemoryStream _octets = new(1 << 20);

    public bool IsFull { get; set; }

    public bool IsFinished { get; private set; }

    public byte[] Octets => _octets.ToArray();

    public void Write(long offset, ReadOnlySpan<byte> octets)
    {
        if (IsFull)
            throw new IOException("No space left on device");
        if (_octets.Length < offset)
            _octets.SetLength(offset);
        _octets.Position = offset;
        _octets.Write(octets);
    }

    public void Finish() => IsFinished = true;

    public void Dispose()
    {
    }
}

/// <summary>A recording on a simulated clock: packets go in with their arrival, the WAV comes out.</summary>
internal sealed class RecordingBench : IDisposable
{
    public static readonly byte[] Key = RandomNumberGenerator.GetBytes(SealedAudio.KeyLength);

    private readonly PriorityQueue<(TappedPacket Packet, byte[] Payload), (long, int)> _coming = new();
    private readonly int _rate;
    private int _order;
    private long _now;

    public RecordingBench(int rate = 8000, bool isFull = false, bool canOpen = true)
    {
        (_rate, File.IsFull, CanOpen) = (rate, isFull, canOpen);
        Recording = new SessionRecording(RecordingId.New(), Key, rate, 0, new RecorderScratch(), () => CanOpen ? File : null);
    }

    public MemoryFile File { get; } = new();

    public bool CanOpen { get; set; }

    public SessionRecording Recording { get; }

    public void Arrive(long microseconds, in TappedPacket packet, byte[] payload) => _coming.Enqueue((packet with { Arrival = microseconds, PayloadLength = (ushort)payload.Length }, payload), (microseconds, _order++));

    /// <summary>Lets time pass in the recorder's steps of 100 ms, or in longer ones: a disk that hangs.</summary>
    public void RunTo(long microseconds, long step = 100_000)
    {
        while (_now < microseconds)
        {
            _now = Math.Min(microseconds, _now + step);
            while (_coming.TryPeek(out (TappedPacket Packet, byte[] Payload) next, out _) && next.Packet.Arrival <= _now)
            {
                _coming.Dequeue();
                Recording.Add(next.Packet, next.Payload);
            }
            Recording.Advance(_now);
        }
    }

    public RecordingFigures Finish(long microseconds)
    {
        RunTo(microseconds);
        return Recording.Finish(microseconds);
    }

    /// <summary>The channel's samples as a player gets them.</summary>
    public short[] Channel(int channel) => [.. Wave(File.Octets).Where((_, i) => i % 2 == channel)];

    public static short[] Wave(byte[] file)
    {
        using RecordingWaveStream wave = RecordingWaveStream.OpenAsync(new MemoryStream(file), Key, CancellationToken.None).GetAwaiter().GetResult()!;
        byte[] octets = new byte[wave.Length];
        wave.ReadExactlyAsync(octets).AsTask().GetAwaiter().GetResult();
        Assert.Equal(Audio.Wave.WaveParseError.None, Audio.Wave.WaveFile.TryRead(octets, out Audio.Wave.WaveFile? read));
        Assert.Equal(2, read!.Channels);
        return read.Samples;
    }

    public void Dispose() => Recording.Dispose();
}

/// <summary>A party that talks in packets of chosen times; what it said is kept as the decoder of its codec hears it.</summary>
internal sealed class Talker(RecordingBench bench, byte side, long startMicroseconds, double partsPerMillion = 0, AudioFormat format = AudioFormat.Pcma, Func<long, short>? voice = null)
{
    private readonly IAudioCodec _encoder = AudioFormats.Create(format)!;
    private readonly IAudioCodec _decoder = AudioFormats.Create(format)!;
    private readonly Random _noise = new(side + 1);
    private long _samples;

    public uint Ssrc { get; set; } = 77u + side;

    public uint Sequence { get; set; } = 70_000;

    public uint Timestamp { get; set; } = 0xFFFF_F000;      // wraps soon

    public List<short> Said { get; } = [];

    /// <summary>The instant at which the next sample is spoken, by the true clock.</summary>
    public long Microseconds => startMicroseconds + (long)(_samples * 1_000_000.0 / _encoder.SampleRate / (1 + (partsPerMillion / 1e6)));

    /// <summary>Says one packet.</summary>
    /// <param name="milliseconds">Its time.</param>
    /// <param name="delay">Microseconds on the way.</param>
    /// <param name="lost">It never comes.</param>
    public void Say(int milliseconds, long delay = 1000, bool lost = false)
    {
        int count = _encoder.SampleRate * milliseconds / 1000;
        short[] samples = new short[count], heard = new short[count * 2];
        for (int i = 0; i < count; i++)
            samples[i] = voice?.Invoke(_samples + i) ?? (short)_noise.Next(-9000, 9000);
        byte[] payload = new byte[1500];
        payload = payload[.._encoder.Encode(samples, payload)];
        int length = _decoder.Decode(payload, heard);
        Said.AddRange(heard.AsSpan(0, length));
        _samples += count;
        if (!lost)
            bench.Arrive(Microseconds + delay, new TappedPacket { Side = side, Format = format, Ssrc = Ssrc, Extended = Sequence, Timestamp = Timestamp }, payload);
        Sequence++;
        Timestamp += (uint)(milliseconds * _encoder.ClockRate / 1000);
    }

    /// <summary>Says how loud its pause is (RFC 3389).</summary>
    public void Hush(byte level)
    {
        bench.Arrive(Microseconds + 1000, new TappedPacket { Side = side, Format = AudioFormat.Noise, Ssrc = Ssrc, Extended = Sequence, Timestamp = Timestamp }, [level]);
        Sequence++;
    }

    /// <summary>Says nothing and sends nothing: the timestamps go on.</summary>
    public void Rest(int milliseconds)
    {
        _samples += _encoder.SampleRate * milliseconds / 1000;
        Timestamp += (uint)(milliseconds * _encoder.ClockRate / 1000);
    }
}
