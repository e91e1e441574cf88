using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;

namespace CloudPbx.Load.Generators;

/// <summary>What a party of <see cref="RtpLoad"/> sends: packets of 20 ms of one codec, a second of them over and over.</summary>
/// <param name="Name">Its name in session descriptions.</param>
/// <param name="PayloadType">Its number there.</param>
/// <param name="Map">Its <c>rtpmap</c>.</param>
/// <param name="Ticks">RTP ticks of a packet.</param>
/// <param name="Payloads">The packets' contents.</param>
internal sealed record Voice(string Name, byte PayloadType, string Map, uint Ticks, IReadOnlyList<byte[]> Payloads)
{
    private const int PacketMilliseconds = 20, Packets = 50;

    /// <summary>A-law silence: what is in a packet does not matter where it is only passed on.</summary>
    public static Voice Pcma { get; } = new("PCMA", 8, "PCMA/8000", 160, [Filled(0xD5)]);

    /// <summary>µ-law silence.</summary>
    public static Voice Pcmu { get; } = new("PCMU", 0, "PCMU/8000", 160, [Filled(0xFF)]);

    /// <summary>A tone that rises, since a decoder takes its time by what it hears.</summary>
    public static Voice G722 { get; } = new("G722", 9, "G722/8000", 160, Encoded(new G722Codec()));

    /// <summary>The same in Opus.</summary>
    /// <exception cref="NotSupportedException">There is no libopus; the message says what to install.</exception>
    public static Voice Opus => new("opus", 96, "opus/48000/2", 960, Encoded(new OpusCodec()));

    private static byte[] Filled(byte octet)
    {
        byte[] payload = new byte[160];
        payload.AsSpan().Fill(octet);
        return payload;
    }

    private static byte[][] Encoded(IAudioCodec codec)
    {
        short[] samples = new short[codec.SampleRate * PacketMilliseconds / 1000];
        byte[] payload = new byte[OpusCodec.MaxPayload];
        return [.. Enumerable.Range(0, Packets).Select(packet =>
        {
            new ToneGenerator(new Tone(200 + (40 * packet), LevelDbm0: -15), codec.SampleRate).Read(samples);
            return payload[..codec.Encode(samples, payload)];
        })];
    }
}
