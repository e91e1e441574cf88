using CloudPbx.Audio.Codecs;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Relay;

/// <summary>What becomes of a payload on its way from one leg to another.</summary>
internal enum PayloadAct : byte
{
    /// <summary>The other side cannot take it.</summary>
    Drop,

    /// <summary>As it is, under the other side's payload type.</summary>
    Copy,

    /// <summary>PCMU becomes PCMA.</summary>
    MuLawToALaw,

    /// <summary>PCMA becomes PCMU.</summary>
    ALawToMuLaw,

    /// <summary>Decoded and encoded.</summary>
    Transcode,

    /// <summary>Comfort noise that the other side does not understand, or that goes beside decoded speech: it is made there.</summary>
    Noise,

    /// <summary>A telephone event of another clock rate: its times are scaled.</summary>
    Rescale,
}

/// <summary>For each payload type that one leg may receive: what the other leg is sent. Made for one direction of one bridge: its transcoder is that direction's.</summary>
internal sealed class PayloadMap
{

    private static readonly SharedTables<(PayloadAct, byte)> s_tables = new();

    private readonly NegotiatedMedia _from, _to;
    private readonly AudioFormat _hearers;

    /// <summary>Maps what <paramref name="from"/> receives to what <paramref name="to"/> sends.</summary>
    /// <param name="from">The leg that the packets come from.</param>
    /// <param name="to">The leg that they go to.</param>
    /// <param name="events">Whether telephone-event packets are passed on.</param>
    /// <param name="ptimeMilliseconds">The only packet time that the hearer takes, or null.</param>
    public PayloadMap(NegotiatedMedia from, NegotiatedMedia to, bool events, int? ptimeMilliseconds = null)
    {
        (_from, _to, _hearers) = (from, to, AudioFormats.Of(to.Codec));
        StatedLength = ptimeMilliseconds is null ? AudioFormats.StatedLength(to) : 0;
        List<PayloadFormat> targets = Targets(to);
        Span<(PayloadAct Act, byte PayloadType)> entries = stackalloc (PayloadAct, byte)[128];
        entries.Clear();
        foreach (byte type in PayloadKinds.NoiseTypes)
            entries[type] = (PayloadAct.Noise, 0);
        foreach (PayloadFormat format in from.Receive)
        {
            ref (PayloadAct Act, byte PayloadType) entry = ref entries[format.PayloadType & 0x7F];
            if (format.Codec.IsTelephoneEvent)
            {
                if (!events || to.SendTelephoneEvent is not { } send)
                    continue;
                entry = (send.Codec.ClockRate == format.Codec.ClockRate ? PayloadAct.Copy : PayloadAct.Rescale, (byte)send.PayloadType);
                EventClockRate = send.Codec.ClockRate;
            }
            else if (format.Codec.IsComfortNoise)
                entry = (PayloadAct.Noise, 0);
            else if (ptimeMilliseconds is not null && AudioFormats.CanConvert(format.Codec, to.Codec) && (Transcoder ??= Transcoder.Between(from, to, ptimeMilliseconds)) is { } packer)
                entry = (PayloadAct.Transcode, packer.PayloadType);       // re-packetised, also between equal codecs
            else if (targets.Find(format.IsInterchangeableWith) is { } same)
                entry = (PayloadAct.Copy, (byte)same.PayloadType);
            else if (format.Codec.Equals(AudioCodec.Pcmu) && targets.Find(t => t.Codec.Equals(AudioCodec.Pcma)) is { } pcma)
                entry = (PayloadAct.MuLawToALaw, (byte)pcma.PayloadType);
            else if (format.Codec.Equals(AudioCodec.Pcma) && targets.Find(t => t.Codec.Equals(AudioCodec.Pcmu)) is { } pcmu)
                entry = (PayloadAct.ALawToMuLaw, (byte)pcmu.PayloadType);
            else if (AudioFormats.CanConvert(format.Codec, to.Codec) && (Transcoder ??= Transcoder.Between(from, to, null)) is { } transcoder)
                entry = (PayloadAct.Transcode, transcoder.PayloadType);
        }
        if (Transcoder is null && to.SendComfortNoise is { } noise)
        {
            foreach (ref (PayloadAct Act, byte PayloadType) entry in entries)
            {
                if (entry.Act == PayloadAct.Noise)
                    entry = (PayloadAct.Copy, (byte)noise.PayloadType);
            }
        }
        Entries = s_tables.Share(entries);
    }

    /// <summary>Where something has to be decoded and encoded, or has been re-packetised; else null.</summary>
    public Transcoder? Transcoder { get; private set; }

    /// <summary>Octets of the packets that the hearer has asked for, where longer and shorter ones of its codec are re-packetised (INTEROP I50); else 0.</summary>
    public int StatedLength { get; }

    /// <summary>What makes packets of the hearer's packet time. Most calls never need it: made when first asked for.</summary>
    public Transcoder? Packer => Transcoder ??= Transcoder.Between(_from, _to, null);

    /// <summary>Whether packets of a codec may have to be re-packetised: it is the one that the hearer is sent, or both are G.711 of one law or the other.</summary>
    public bool IsRepacked(AudioFormat format) => format == _hearers || (AudioFormats.IsG711(format) && AudioFormats.IsG711(_hearers));

    /// <summary>What to play to a hearer without telephone events for a key of the speaker; null where it has them.</summary>
    public Func<char, Playback.Playing?>? TonesFor { get; init; }

    /// <summary>What to send to a hearer with telephone events for a key that the speaker pressed as a tone; null where it speaks them itself.</summary>
    public Func<char, Playback.Playing?>? EventsFor { get; init; }

    /// <summary>The clock rate of the events that the hearer gets.</summary>
    public int EventClockRate { get; }

    /// <summary>What becomes of each of the 128 payload types, and under which one it goes. Equal maps share it: who asks for each packet keeps the table, not the way to it.</summary>
    public (PayloadAct Act, byte PayloadType)[] Entries { get; }

    /// <summary>Transcodes G.711 in place.</summary>
    public static void Transcode(Span<byte> payload, PayloadAct act)
    {
        if (act == PayloadAct.MuLawToALaw)
            G711.MuLawToALaw(payload);
        else
            G711.ALawToMuLaw(payload);
    }

    /// <summary>What may be sent: the chosen codec, and others that were agreed on too. After an answer of ours that is one (RFC 3264 §6.1).</summary>
    private static List<PayloadFormat> Targets(NegotiatedMedia to)
    {
        List<PayloadFormat> targets = [to.Send];
        foreach (PayloadFormat format in to.RemoteFormats)
        {
            if (format.PayloadType != to.Send.PayloadType && to.Receive.Any(format.IsInterchangeableWith))
                targets.Add(format);
        }
        return targets;
    }
}
