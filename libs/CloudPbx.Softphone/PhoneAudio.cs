using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.Rtp.Events;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;
using CloudPbx.Sdp;

namespace CloudPbx.Softphone;

/// <summary>
/// The audio of one call: an RTP and an RTCP socket, a tone going out at the packet time, an ear that measures what comes in. SDES-SRTP as
/// the account demands.
/// </summary>
/// <remarks>Thread-safe. There is no jitter buffer: nothing is played, what arrives is measured as it comes.</remarks>
public sealed partial class PhoneAudio : IDisposable
{
    private readonly PhoneOptions _options;
    private readonly Socket _rtp;
    private readonly Socket _rtcp;
    private readonly Lock _gate = new();        // between the phone's thread, the sender and the two receivers
    private readonly CancellationTokenSource _ending = new();
    private readonly uint _ssrc = BinaryPrimitives.ReadUInt32LittleEndian(RandomNumberGenerator.GetBytes(4));
    private readonly LocalMedia _local;
    private readonly Ear _ear = new();
    private SessionDescription? _description;   // ours, in force
    private NegotiatedMedia? _media;
    private SrtpContext? _protect;
    private SrtpContext? _unprotect;
    private IAudioCodec? _encoder;
    private ToneGenerator? _tone;
    private TelephoneEventSender _pressed;
    private bool _disposed;

    private PhoneAudio(PhoneOptions options, Socket rtp, Socket rtcp, IPAddress address)
    {
        (_options, _rtp, _rtcp) = (options, rtp, rtcp);
        _local = new LocalMedia
        {
            SessionId = RandomNumberGenerator.GetInt32(int.MaxValue).ToString(System.Globalization.CultureInfo.InvariantCulture),
            Address = options.SdpAddress ?? address.ToString(),
            Port = ((IPEndPoint)rtp.LocalEndPoint!).Port,
            Codecs = options.Codecs,
            AllowOtherCodecs = false,
            TelephoneEvent = options.TelephoneEvent,
            Srtp = options.Srtp,
            Keys = CryptoAttribute.GenerateAll(options.SrtpSuites, RandomNumberGenerator.Fill),
            PtimeMilliseconds = options.PtimeMilliseconds,
        };
        _ = ReceiveAsync(_rtp, ReceiveRtp);
        _ = ReceiveAsync(_rtcp, ReceiveRtcp);
    }

    /// <summary>Gets our RTP port.</summary>
    public int Port => _local.Port;

    /// <summary>Gets what was agreed on last; <see langword="null"/> before.</summary>
    public NegotiatedMedia? Media => _media;

    /// <summary>Gets whether the stream is encrypted both ways.</summary>
    public bool Encrypted => _media?.Encrypted ?? false;

    /// <summary>Gets what was sent and received so far.</summary>
    public AudioFigures Figures
    {
        get { lock (_gate) return _figures; }
    }

    /// <summary>Gets the digits that came so far as telephone-events.</summary>
    public string Digits
    {
        get { lock (_gate) return _digits.ToString(); }
    }

    /// <summary>Binds an even port and the next one (RFC 3550 §11).</summary>
    /// <exception cref="SocketException">No pair is free.</exception>
    internal static PhoneAudio Open(PhoneOptions options, IPAddress address)
    {
        for (int attempt = 0; ; attempt++)
        {
            var rtp = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            var rtcp = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                rtp.Bind(new IPEndPoint(address, 2 * RandomNumberGenerator.GetInt32(15000, 32000)));
                rtcp.Bind(new IPEndPoint(address, ((IPEndPoint)rtp.LocalEndPoint!).Port + 1));
                return new PhoneAudio(options, rtp, rtcp, address);
            }
            catch (SocketException) when (attempt < 50)
            {
                rtp.Dispose();
                rtcp.Dispose();
            }
        }
    }

    /// <summary>Our offer, for a new call or a change of this one.</summary>
    /// <param name="hold">Whether the other party is put on hold.</param>
    internal string MakeOffer(bool hold = false)
    {
        lock (_gate)
        {
            SrtpOfferForm form = _options.Srtp switch
            {
                SrtpPolicy.Off => SrtpOfferForm.Clear,
                SrtpPolicy.Required => SrtpOfferForm.Savp,
                _ => _options.OptionalForm,
            };
            LocalMedia local = hold ? _local with { Direction = MediaDirection.SendOnly } : _local;
            return (_description = OfferAnswer.MakeOffer(local, form, [], _description)).Write();
        }
    }

    /// <summary>Takes the answer to the last offer.</summary>
    /// <returns>False if it does not fit.</returns>
    internal bool TakeAnswer(string sdp)
    {
        lock (_gate)
        {
            if (SessionDescription.TryParse(sdp, out SessionDescription? answer) != SdpParseError.None || _description is null) return false;
            Negotiation outcome = OfferAnswer.ReceiveAnswer(_local, _description, answer!);
            if (!outcome.Succeeded) return false;
            Apply(outcome.Media!);
            return true;
        }
    }

    /// <summary>Answers the other party's offer.</summary>
    /// <returns>Our answer; <see langword="null"/> if the offer cannot be served.</returns>
    internal string? TakeOffer(string sdp)
    {
        lock (_gate)
        {
            if (SessionDescription.TryParse(sdp, out SessionDescription? offer) != SdpParseError.None) return null;
            Negotiation outcome = OfferAnswer.MakeAnswer(_local, offer!, [], _description);
            if (!outcome.Succeeded) return null;
            _description = outcome.Local;
            Apply(outcome.Media!);
            return _description!.Write();
        }
    }

    /// <summary>Plays a tone from now on; <see cref="Tone.Silence"/> is sent until then.</summary>
    internal void Play(Tone tone)
    {
        lock (_gate) _tone = new ToneGenerator(tone, _encoder?.SampleRate ?? 8000);
    }

    /// <summary>Presses a key for 100 ms.</summary>
    internal void Press(byte code)
    {
        lock (_gate)
        {
            if (_media?.SendTelephoneEvent is not { } format) throw new InvalidOperationException("The other side takes no telephone-events.");
            int ticks = format.Codec.ClockRate / 1000;
            _pressed = new TelephoneEventSender(code, 100 * ticks, _options.PtimeMilliseconds * ticks);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _protect?.Dispose();
            _unprotect?.Dispose();
        }
        _ending.Cancel();
        _rtp.Dispose();
        _rtcp.Dispose();
        _ending.Dispose();
        _ear.Close();
    }

    private void Apply(NegotiatedMedia media)
    {
        bool first = _media is null;
        if (!SameKey(_media?.LocalKey, media.LocalKey)) _protect = Replace(_protect, media.LocalKey);
        if (!SameKey(_media?.RemoteKey, media.RemoteKey)) _unprotect = Replace(_unprotect, media.RemoteKey);
        if (_media?.Codec != media.Codec)
        {
            _encoder = AudioCodecs.Create(media.Codec.Name, media.Codec.ClockRate);
            _decoder = AudioCodecs.Create(media.Codec.Name, media.Codec.ClockRate);
            _ear.SampleRate = _decoder?.SampleRate ?? 8000;
        }
        _media = media;
        if (first) _ = SendAsync(_ending.Token);
    }

    private static bool SameKey(CryptoAttribute? a, CryptoAttribute? b) =>
        a?.Suite == b?.Suite && (a is null || a.KeySalt.Span.SequenceEqual(b!.KeySalt.Span));

    private static SrtpContext? Replace(SrtpContext? old, CryptoAttribute? key)
    {
        old?.Dispose();
        return key is not null && SrtpProfiles.TryFromSuite(key.Suite, out SrtpProfile profile) ? SrtpContext.FromKeySalt(profile, key.KeySalt.Span) : null;
    }
}
