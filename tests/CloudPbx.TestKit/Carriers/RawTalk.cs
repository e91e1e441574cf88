using CloudPbx.Audio.Codecs;

namespace CloudPbx.TestKit.Carriers;

/// <summary>
/// What somebody says, in µ-law, and how it comes out of a bad network: each packet held up by a time of its own, so that they overtake each other, or never. All of it is planned before the first
/// packet leaves, and equal seeds make equal plans.
/// </summary>
/// <param name="seed">Which of all networks.</param>
public sealed class RawTalk(int seed)
{
    private const int SampleRate = 8000;

    private readonly Random _random = new(seed);
    private readonly List<Packet> _packets = [];
    private readonly List<short> _samples = [];
    private (uint Ssrc, ushort Sequence)? _anew;
    private bool _begins = true;

    /// <summary>How far a packet comes out before and after its time: it is held up by nothing to twice this.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>The share of packets that do not come out.</summary>
    public double Loss { get; init; }

    /// <summary>By how much the speaker's clock is too fast, in parts per million.</summary>
    public double ClockPpm { get; init; }

    /// <summary>What whoever hears all of it decodes, pauses included.</summary>
    public IReadOnlyList<short> Samples => _samples;

    /// <summary>The packets in the order in which they come out, by their places in the talk.</summary>
    public IReadOnlyList<int> Order => [.. Departures().Select(packet => packet.Place)];

    /// <summary>What does not come out: where it lies among the <see cref="Samples"/>, and how long it is.</summary>
    public IReadOnlyList<(int At, int Length)> Lost => [.. _packets.Where(packet => packet.IsLost).Select(packet => (packet.At, packet.Payload.Length))];

    /// <summary>The packets, in the order in which they are said.</summary>
    internal IReadOnlyList<Packet> Packets => _packets;

    /// <summary>Says something; what fills no packet at the end is left out.</summary>
    /// <param name="speech">Samples at 8 kHz.</param>
    /// <param name="milliseconds">How long its packets are, one after the other, and again from the first; none: 20 ms each.</param>
    public RawTalk Say(ReadOnlySpan<short> speech, params int[] milliseconds)
    {
        int[] lengths = milliseconds.Length > 0 ? milliseconds : [20];
        for (int packet = 0; speech.Length >= Length(packet); packet++)
        {
            byte[] payload = new byte[Length(packet)];
            G711.EncodeMuLaw(speech[..payload.Length], payload);
            speech = speech[payload.Length..];
            Add(payload);
        }
        return this;

        int Length(int packet) => SampleRate / 1000 * lengths[packet % lengths.Length];
    }

    /// <summary>Says nothing, and sends nothing meanwhile (RFC 3551 §4.1): timestamps go on, numbers do not, and the packet after it has the marker.</summary>
    public RawTalk Pause(TimeSpan duration)
    {
        _samples.AddRange(new short[(int)(duration.TotalSeconds * SampleRate)]);
        _begins = true;
        return this;
    }

    /// <summary>Goes on as another source.</summary>
    /// <param name="ssrc">Which.</param>
    /// <param name="sequence">The number of its first packet.</param>
    public RawTalk As(uint ssrc, ushort sequence)
    {
        _anew = (ssrc, sequence);
        return this;
    }

    /// <summary>What comes out, by and by.</summary>
    internal IEnumerable<Packet> Departures() => _packets.Where(packet => !packet.IsLost).OrderBy(packet => packet.Departure);

    private void Add(byte[] payload)
    {
        short[] decoded = new short[payload.Length];
        G711.DecodeMuLaw(payload, decoded);
        int at = _samples.Count;
        _samples.AddRange(decoded);
        TimeSpan spoken = TimeSpan.FromSeconds(_samples.Count / (double)SampleRate / (1 + (ClockPpm / 1e6)));      // it is ready when its last sample is
        _packets.Add(new Packet(_packets.Count, at, payload, _begins, _anew, spoken + (2 * Jitter * _random.NextDouble()), _random.NextDouble() < Loss));
        (_begins, _anew) = (false, null);
    }

    /// <summary>A packet.</summary>
    /// <param name="Place">Which, from 0.</param>
    /// <param name="At">Its first sample in the talk.</param>
    /// <param name="Payload">Its speech.</param>
    /// <param name="Begins">Whether it is the first after a pause.</param>
    /// <param name="Anew">The source that it is the first of.</param>
    /// <param name="Departure">When it comes out, since the talk began.</param>
    /// <param name="IsLost">It does not.</param>
    internal readonly record struct Packet(int Place, int At, byte[] Payload, bool Begins, (uint Ssrc, ushort Sequence)? Anew, TimeSpan Departure, bool IsLost);
}
