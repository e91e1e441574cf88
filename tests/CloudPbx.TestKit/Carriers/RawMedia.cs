using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.Rtp.Security;

namespace CloudPbx.TestKit.Carriers;

/// <summary>A carrier's audio: RTP packets written by hand (RFC 3550 §5.1), G.711 in them.</summary>
public sealed class RawMedia : IDisposable
{
    private const int SampleRate = 8000;
    private const int KeySamples = 320;                           // 40 ms: what a key has to last at least (Q.24)
    private const int WindowSamples = 2000;                       // a quarter of a second
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly Socket _socket;
    private readonly CancellationTokenSource _ending = new();
    private readonly Channel<byte[]> _packets = Channel.CreateUnbounded<byte[]>();
    private uint _timestamp;

    /// <summary>Opens a port of an address: an even one (RFC 3550 §11), or an odd one, as some take all the same.</summary>
    public RawMedia(IPAddress address, bool isOdd = false)
    {
        do
        {
            _socket?.Dispose();
            _socket = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            _socket.Bind(new IPEndPoint(address, 0));
            At = (IPEndPoint)_socket.LocalEndPoint!;
        }
        while (At.Port % 2 != (isOdd ? 1 : 0));
        _ = ReceiveAsync();
    }

    /// <summary>What its packets say of their source.</summary>
    public uint Ssrc { get; set; } = 0xCA221E12;

    /// <summary>The number of its next packet.</summary>
    public ushort Sequence { get; set; }

    /// <summary>How many of its next packets are lost on their way.</summary>
    public int Losing { get; set; }

    /// <summary>Where it listens.</summary>
    public IPEndPoint At { get; }

    /// <summary>What its packets are protected by (RFC 3711), from the next one on; none: nothing. Whoever sets it owns it.</summary>
    public SrtpContext? Protection { get; set; }

    /// <summary>What the packets that come are protected by; what it does not fit is not heard. Whoever sets it owns it.</summary>
    public SrtpContext? TheirProtection { get; set; }

    /// <summary>Sends a steady tone from now on.</summary>
    /// <param name="hertz">The tone; 0 is silence.</param>
    /// <param name="to">Where.</param>
    /// <param name="payloadType">Its payload type.</param>
    /// <param name="aLaw">A-law; otherwise µ-law.</param>
    /// <param name="copies">How often it sends each packet: with one timestamp, and numbers of their own.</param>
    /// <param name="milliseconds">How long its packets are, one after the other, and again from the first; none: 20 ms each.</param>
    /// <returns>Ends it.</returns>
    public IDisposable Play(int hertz, IPEndPoint to, byte payloadType = 0, bool aLaw = false, int copies = 1, params int[] milliseconds)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        ToneGenerator tone = new(new Tone(Math.Max(hertz, 1), LevelDbm0: -10), SampleRate);
        _ = SpeakAsync(
            samples =>
            {
                if (hertz > 0) tone.Read(samples);
                return true;
            },
            to, payloadType, aLaw, copies, milliseconds, stop.Token);
        return new Playing(stop);
    }

    /// <summary>Says something once, in µ-law.</summary>
    /// <param name="speech">Samples at 8 kHz.</param>
    /// <param name="to">Where.</param>
    public Task SayAsync(ReadOnlyMemory<short> speech, IPEndPoint to) => SpeakAsync(
        samples =>
        {
            if (speech.Length < samples.Length) return false;
            speech.Span[..samples.Length].CopyTo(samples);
            speech = speech[samples.Length..];
            return true;
        },
        to, 0, aLaw: false, copies: 1, [], _ending.Token);

    /// <summary>Sends one packet.</summary>
    public void Send(byte payloadType, ReadOnlySpan<byte> payload, IPEndPoint to, bool marker = false, uint? timestamp = null)
    {
        if (Losing > 0)
        {
            Losing--;
            Sequence++;
            return;
        }
        _socket.SendTo(Write(payloadType, payload, marker, timestamp ?? _timestamp), to);
    }

    /// <summary>Says something through a bad network, at the times and in the order that the talk has planned.</summary>
    /// <param name="talk">The talk.</param>
    /// <param name="to">Where.</param>
    /// <returns>Ends when its last packet has left.</returns>
    public Task SendAsync(RawTalk talk, IPEndPoint to)
    {
        byte[][] packets = new byte[talk.Packets.Count][];
        foreach (RawTalk.Packet packet in talk.Packets)
        {
            if (packet.Anew is { } source)
                (Ssrc, Sequence) = source;
            packets[packet.Place] = Write(0, packet.Payload, packet.Begins, _timestamp + (uint)packet.At);
        }
        _timestamp += (uint)talk.Samples.Count;
        TaskCompletionSource sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Depart(talk, packets, to, sent)) { IsBackground = true, Name = "Bad network" }.Start();
        return sent.Task;
    }

    // On a thread of its own: whatever else the machine does, they leave in their order, and none before its time.
    private void Depart(RawTalk talk, byte[][] packets, IPEndPoint to, TaskCompletionSource sent)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            foreach (RawTalk.Packet packet in talk.Departures())
            {
                while (packet.Departure - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } left)
                    if (_ending.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds))))
                        throw new OperationCanceledException();
                _socket.SendTo(packets[packet.Place], to);
            }
            sent.SetResult();
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            sent.SetException(new CarrierException("The talk was cut off."));
        }
    }

    private byte[] Write(byte payloadType, ReadOnlySpan<byte> payload, bool marker, uint timestamp)
    {
        byte[] packet = new byte[12 + payload.Length];
        packet[0] = 0x80;                                         // version 2
        packet[1] = (byte)(payloadType | (marker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), Sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), Ssrc);
        payload.CopyTo(packet.AsSpan(12));
        if (Protection is { } protection)
        {
            int length = packet.Length;
            Array.Resize(ref packet, length + protection.RtpOverhead);
            if (protection.ProtectRtp(packet, length, out _) != SrtpError.None) throw new CarrierException("A packet could not be protected.");
        }
        return packet;
    }

    /// <summary>Is silent for a while and says so (RFC 3389): a packet of comfort noise each tenth of a second.</summary>
    /// <param name="payloadType">Its payload type: 13, or 19 as it was once.</param>
    /// <param name="to">Where.</param>
    /// <param name="packets">How many.</param>
    public async Task PauseAsync(byte payloadType, IPEndPoint to, int packets)
    {
        using PeriodicTimer clock = new(TimeSpan.FromMilliseconds(100));
        for (; packets > 0 && await clock.WaitForNextTickAsync(_ending.Token); packets--)
        {
            Send(payloadType, [70], to);                          // -70 dBov
            _timestamp += SampleRate / 10;
        }
    }

    /// <summary>Waits for a packet of a payload type, from now on.</summary>
    /// <returns>Its payload.</returns>
    public async Task<byte[]> ReceiveAsync(byte payloadType)
    {
        using CancellationTokenSource deadline = new(s_patience);
        try
        {
            while (true)
            {
                byte[] packet = await _packets.Reader.ReadAsync(deadline.Token);
                if (packet.Length >= 12 && (packet[1] & 0x7F) == payloadType) return packet[12..];
            }
        }
        catch (OperationCanceledException)
        {
            throw new CarrierException($"No packet of payload type {payloadType} came.");
        }
    }

    /// <summary>Waits until a tone has come for a quarter of a second, in µ-law or A-law.</summary>
    public async Task HearAsync(int hertz)
    {
        using CancellationTokenSource deadline = new(s_patience);
        Queue<short> heard = [];
        ToneMeasurement measured = default;
        HashSet<int> types = [];
        try
        {
            short[] samples = new short[4096];
            while (true)
            {
                byte[] packet = await _packets.Reader.ReadAsync(deadline.Token);
                int type = packet.Length < 12 ? -1 : packet[1] & 0x7F;
                types.Add(type);
                if (type is not (0 or 8)) continue;
                if (type == 0) G711.DecodeMuLaw(packet.AsSpan(12), samples);
                else G711.DecodeALaw(packet.AsSpan(12), samples);
                for (int i = 0; i < packet.Length - 12; i++) heard.Enqueue(samples[i]);
                while (heard.Count > WindowSamples) heard.Dequeue();
                measured = ToneDetector.Measure([.. heard], SampleRate);
                if (heard.Count == WindowSamples && Math.Abs(measured.Hertz - hertz) < 8 && measured.LevelDbm0 > -40) return;
            }
        }
        catch (OperationCanceledException)
        {
            throw new CarrierException($"{hertz} Hz did not come, but {measured} in payload types {string.Join(", ", types)}.");
        }
    }

    /// <summary>Waits until a key's two tones (ITU-T Q.23) have come for 40 ms in µ-law.</summary>
    public async Task HearKeyAsync(int low, int high)
    {
        using CancellationTokenSource deadline = new(s_patience);
        short[] samples = new short[4096];
        List<short> heard = [];
        try
        {
            while (true)
            {
                byte[] packet = await _packets.Reader.ReadAsync(deadline.Token);
                if (packet.Length < 12 || (packet[1] & 0x7F) != 0) continue;
                G711.DecodeMuLaw(packet.AsSpan(12), samples);
                heard.AddRange(samples.AsSpan(0, packet.Length - 12));
                if (heard.Count < KeySamples) continue;
                short[] last = [.. heard[^KeySamples..]];
                if (ToneDetector.LevelAt(last, SampleRate, low) > -20 && ToneDetector.LevelAt(last, SampleRate, high) > -20) return;
            }
        }
        catch (OperationCanceledException)
        {
            throw new CarrierException($"No key of {low} and {high} Hz came.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ending.Cancel();
        _socket.Dispose();
        _ending.Dispose();
    }

    private async Task SpeakAsync(Func<short[], bool> next, IPEndPoint to, byte payloadType, bool aLaw, int copies, int[] milliseconds, CancellationToken stop)
    {
        int[] lengths = milliseconds.Length > 0 ? milliseconds : [20];
        using PeriodicTimer clock = new(TimeSpan.FromMilliseconds(lengths[0]));
        try
        {
            for (int packet = 0; await clock.WaitForNextTickAsync(stop); packet++)
            {
                short[] samples = new short[SampleRate / 1000 * lengths[packet % lengths.Length]];
                byte[] payload = new byte[samples.Length];
                if (!next(samples)) return;
                if (aLaw) G711.EncodeALaw(samples, payload);
                else G711.EncodeMuLaw(samples, payload);
                for (int copy = 0; copy < copies; copy++) Send(payloadType, payload, to);
                _timestamp += (uint)samples.Length;
                clock.Period = TimeSpan.FromMilliseconds(lengths[packet % lengths.Length]);      // the next one is ready when this one has been heard
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // the scenario is over
        }
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[2048];
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveAsync(buffer, _ending.Token);
                if (TheirProtection is { } protection && (length < 12 || protection.UnprotectRtp(buffer.AsSpan(0, length), out length) != SrtpError.None)) continue;
                _packets.Writer.TryWrite(buffer[..length]);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // the scenario is over
        }
    }

    private sealed class Playing(CancellationTokenSource stop) : IDisposable
    {
        public void Dispose()
        {
            stop.Cancel();
            stop.Dispose();
        }
    }
}
