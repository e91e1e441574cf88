using System.Globalization;

namespace CloudPbx.Sdp;

public static partial class OfferAnswer
{
    private static NegotiatedMedia Agreed(LocalMedia local, SessionDescription remote, MediaDescription theirs, SdpConnection connection, int index, bool mux)
    {
        (MediaDirection direction, bool held) = LocalDirection(local.Direction, remote, theirs);
        (int rtcpPort, SdpConnection? rtcpAddress) = theirs.RtcpEndpoint();
        return new NegotiatedMedia
        {
            MediaIndex = index,
            Send = s_none,
            Receive = [],
            RemoteFormats = [],
            RemoteConnection = connection,
            RemotePort = theirs.Port,
            RemoteRtcpConnection = mux ? connection : rtcpAddress ?? connection,
            RemoteRtcpPort = mux ? theirs.Port : rtcpPort,
            RtcpMux = mux,
            Direction = direction,
            RemoteHeld = held,
            PtimeMilliseconds = theirs.PtimeMilliseconds ?? 20,
            StatesPtime = theirs.PtimeMilliseconds is not null,
            MaxPtimeMilliseconds = theirs.MaxPtimeMilliseconds,
        };
    }

    private static readonly PayloadFormat s_none = new(0, AudioCodec.Pcmu);

    /// <summary>§6.1 and §8.4: the peer's direction from our side, no wider than what we want; 0.0.0.0 forbids sending.</summary>
    private static (MediaDirection Direction, bool Held) LocalDirection(MediaDirection wanted, SessionDescription remote, MediaDescription theirs)
    {
        MediaDirection direction = remote.DirectionOf(theirs).Reverse();
        if (remote.ConnectionOf(theirs) is { IsUnspecified: true } && !UsesIce(remote, theirs))     // a browser that has not gathered yet writes 0.0.0.0
            direction &= MediaDirection.RecvOnly;
        return (direction & wanted, !direction.HasFlag(MediaDirection.SendOnly));
    }

    private static int LocalAudioIndex(SessionDescription description)
    {
        int refused = -1;
        for (int i = 0; i < description.Media.Count; i++)
        {
            if (!description.Media[i].Kind.Equals("audio", StringComparison.OrdinalIgnoreCase))
                continue;
            if (description.Media[i].Port != 0)
                return i;
            refused = refused < 0 ? i : refused;
        }
        return refused < 0 ? description.Media.Count : refused;
    }

    /// <summary>The first m=audio that can be served (RFC 3264 §6 lets us refuse the others), with the peer's key if it will be encrypted.</summary>
    private static (NegotiationFault Fault, int Index, CryptoAttribute? RemoteKey) FirstUsable(LocalMedia local, SessionDescription offer)
    {
        NegotiationFault first = NegotiationFault.None;
        // Without encryption of our own a clear section is taken before an encrypted one.
        for (int pass = local.Srtp == SrtpPolicy.Off ? 0 : 1; pass < 2; pass++)
        {
            for (int i = 0; i < offer.Media.Count; i++)
            {
                MediaDescription media = offer.Media[i];
                if (!media.Kind.Equals("audio", StringComparison.OrdinalIgnoreCase) || media.Port == 0 || (pass == 0 && media.IsSdesProfile))
                    continue;
                NegotiationFault fault = Examine(local, offer, media, out CryptoAttribute? key);
                if (fault == NegotiationFault.None)
                    return (NegotiationFault.None, i, key);
                if (first == NegotiationFault.None)
                    first = fault;
            }
        }
        return (first == NegotiationFault.None ? NegotiationFault.NoAudio : first, -1, null);
    }

    private static NegotiationFault Examine(LocalMedia local, SessionDescription offer, MediaDescription media, out CryptoAttribute? key)
    {
        key = null;
        if (!media.IsRtp || (media.IsDtlsProfile && local.Dtls is null))
            return NegotiationFault.Protocol;
        if (offer.ConnectionOf(media) is null)
            return NegotiationFault.NoAddress;
        if (media.IsDtlsProfile)
        {
            // RTCP of its own would need a second handshake: whoever speaks DTLS has rtcp-mux.
            return !media.RtcpMux ? NegotiationFault.Protocol
                : RemoteDtls.Read(offer, media) is null ? NegotiationFault.NoUsableKey
                : media.PayloadFormats().Any(f => f.Codec.IsSpeech) ? NegotiationFault.None : NegotiationFault.NoCommonCodec;
        }
        if (!media.IsSdesProfile && local.Srtp == SrtpPolicy.Required)
            return NegotiationFault.EncryptionRequired;
        if (media.IsSdesProfile || local.Srtp == SrtpPolicy.Optional)
            key = media.CryptoAttributes().FirstOrDefault(c => c.IsUsable && KeyFor(local, c.Suite) is not null);
        if (media.IsSdesProfile && key is null)
            return NegotiationFault.NoUsableKey;
        return media.PayloadFormats().Any(f => f.Codec.IsSpeech) ? NegotiationFault.None : NegotiationFault.NoCommonCodec;
    }

    private static NegotiationFault AnswerKeys(
        LocalMedia local, MediaDescription ours, MediaDescription theirs, out CryptoAttribute? localKey, out CryptoAttribute? remoteKey)
    {
        localKey = remoteKey = null;
        if (!theirs.IsRtp || theirs.IsDtlsProfile != ours.IsDtlsProfile)
            return NegotiationFault.Protocol;
        if (theirs.IsDtlsProfile)
            return NegotiationFault.None;                         // the fingerprint is looked at by the caller
        IReadOnlyList<CryptoAttribute> offered = ours.CryptoAttributes();
        foreach (CryptoAttribute answer in theirs.CryptoAttributes())
        {
            // RFC 4568 §5.1.3: tag and suite of one offered line. Peers that renumber are understood by the suite.
            CryptoAttribute? match = offered.FirstOrDefault(o => o.Tag == answer.Tag && o.Suite == answer.Suite) ?? offered.FirstOrDefault(o => o.Suite == answer.Suite);
            if (match is null || !answer.IsUsable)
                continue;
            (localKey, remoteKey) = (match, answer);
            return NegotiationFault.None;
        }
        if (offered.Count > 0 && local.Srtp == SrtpPolicy.Required)
            return NegotiationFault.EncryptionRequired;
        return theirs.IsSdesProfile ? NegotiationFault.NoUsableKey : NegotiationFault.None;
    }

    private static (PayloadFormat Send, PayloadFormat? Like)? Choose(LocalMedia local, IReadOnlyList<PayloadFormat> offered, IReadOnlyList<PayloadFormat> like)
    {
        if (local.OwnOrder)
        {
            foreach (AudioCodec codec in local.Codecs)
            {
                if (offered.FirstOrDefault(f => f.Codec.Equals(codec)) is { } ours)
                    return (ours, like.FirstOrDefault(ours.IsInterchangeableWith));
            }
        }
        foreach (PayloadFormat wanted in like)
        {
            if (!local.Takes(wanted.Codec))
                continue;
            foreach (PayloadFormat format in offered)
            {
                if (format.IsInterchangeableWith(wanted))
                    return (format, wanted);
            }
        }
        foreach (PayloadFormat format in offered)
        {
            if (format.Codec.IsSpeech && local.Codecs.Contains(format.Codec))
                return (format, null);
        }
        // Nobody else has a say (an echo): packets need not be understood.
        PayloadFormat? any = like.Count == 0 ? offered.FirstOrDefault(f => local.Takes(f.Codec)) : null;
        return any is null ? null : (any, null);
    }

    /// <summary>telephone-event at the codec's clock rate (RFC 4733 §2.4.1), else at any (INTEROP I52).</summary>
    private static PayloadFormat? EventsFor(IReadOnlyList<PayloadFormat> formats, AudioCodec codec) =>
        formats.FirstOrDefault(f => f.Codec.IsTelephoneEvent && f.Codec.ClockRate == codec.ClockRate) ?? formats.FirstOrDefault(f => f.Codec.IsTelephoneEvent);

    /// <summary>RFC 3389 §4: comfort noise goes with codecs of its clock rate that have none of their own.</summary>
    private static PayloadFormat? NoiseFor(IReadOnlyList<PayloadFormat> formats, AudioCodec codec) =>
        codec.ClockRate == AudioCodec.ComfortNoise.ClockRate ? formats.FirstOrDefault(f => f.Codec.Equals(AudioCodec.ComfortNoise)) : null;

    private static CryptoAttribute? KeyFor(LocalMedia local, string suite) =>
        local.Keys.FirstOrDefault(k => k.Suite == suite) ?? local.KeysForAnswers.FirstOrDefault(k => k.Suite == suite);

    private static CryptoAttribute Retag(CryptoAttribute key, int tag) => new() { Tag = tag, Suite = key.Suite, KeySalt = key.KeySalt };

    /// <summary>The peer's wish if we can bear it, else ours: one packet time both ways avoids re-packetising (INTEROP I50).</summary>
    private static int? AnswerPtime(LocalMedia local, MediaDescription theirs) =>
        theirs.PtimeMilliseconds is { } asked and >= 10 and <= 60 && asked % 10 == 0 ? asked : local.PtimeMilliseconds;

    // Its name stays (RFC 9143 §7.2), for browsers that find sections by it.
    private static MediaDescription Refuse(MediaDescription media) => new()
    {
        Kind = media.Kind,
        Port = 0,
        Protocol = media.Protocol,
        Formats = media.Formats.Count > 0 ? media.Formats : ["0"],
        Attributes = media.Attribute("mid") is { Length: > 0 } mid ? [new("mid", mid)] : [],
    };

    private static MediaDescription Audio(
        LocalMedia local, string protocol, IReadOnlyList<PayloadFormat> formats, IReadOnlyList<CryptoAttribute> keys, MediaDirection direction, int? ptime, bool mux)
    {
        var attributes = new List<SdpAttribute>();
        foreach (PayloadFormat format in formats)
        {
            attributes.Add(new("rtpmap", $"{format.PayloadType} {format.Codec}"));
            if (format.Parameters is not null)
                attributes.Add(new("fmtp", $"{format.PayloadType} {format.Parameters}"));
        }
        if (ptime is { } milliseconds)
            attributes.Add(new("ptime", milliseconds.ToString(CultureInfo.InvariantCulture)));     // I49: never maxptime
        foreach (CryptoAttribute key in keys)
            attributes.Add(new("crypto", key.ToAttributeValue()));
        if (local.RtcpPort is { } rtcp && rtcp != local.Port + 1)
            attributes.Add(new("rtcp", rtcp.ToString(CultureInfo.InvariantCulture)));
        if (mux)
            attributes.Add(new("rtcp-mux", null));
        attributes.Add(new(direction.ToAttributeName(), null));
        return new MediaDescription
        {
            Kind = "audio",
            Port = local.Port,
            Protocol = protocol,
            Formats = [.. formats.Select(f => f.PayloadType.ToString(CultureInfo.InvariantCulture))],
            Attributes = attributes,
        };
    }

    /// <summary>What a section with DTLS and ICE has besides (RFC 8839 §5, RFC 8122 §5, RFC 8842 §5).</summary>
    /// <param name="section">The section.</param>
    /// <param name="local">What we bring.</param>
    /// <param name="mid">Its identification (RFC 9143), or <see langword="null"/>.</param>
    /// <param name="setup">Our role.</param>
    /// <param name="ice">Whether the peer does ICE.</param>
    private static MediaDescription WithDtls(MediaDescription section, LocalMedia local, string? mid, string setup, bool ice)
    {
        LocalDtls dtls = local.Dtls!;
        List<SdpAttribute> attributes = [.. section.Attributes, new("setup", setup), new("fingerprint", dtls.Fingerprint)];
        if (mid is not null)
            attributes.Add(new("mid", mid));
        if (ice)
        {
            attributes.Add(new("msid", "- " + section.Kind));
            attributes.Add(new("ice-ufrag", dtls.Ufrag));
            attributes.Add(new("ice-pwd", dtls.Password));
            attributes.Add(new("candidate", RemoteDtls.Candidate(local)));
            attributes.Add(new("end-of-candidates", null));
        }
        return new MediaDescription { Kind = section.Kind, Port = section.Port, Protocol = section.Protocol, Formats = section.Formats, OtherLines = section.OtherLines, Attributes = attributes };
    }

    private static SdpAttribute[] IceOfSession(string? bundled) => bundled is null ? [new("ice-lite", null)] : [new("group", $"BUNDLE {bundled}"), new("ice-lite", null)];

    /// <summary>The names of the sections that share the audio's transport, the audio's first: its address is everybody's (RFC 9143 §7.2.1).</summary>
    private static string BundledMids(IEnumerable<MediaDescription> media) => string.Join(
        ' ', media.Where(m => m.Port != 0 && m.IsDtlsProfile).OrderBy(m => m.Kind.Equals("audio", StringComparison.OrdinalIgnoreCase) ? 0 : 1).Select(m => m.Attribute("mid")).OfType<string>());

    private static bool UsesIce(SessionDescription description, MediaDescription media) => media.IsDtlsProfile && RemoteDtls.Read(description, media) is { UsesIce: true };

    /// <summary>Wraps the sections up; with nothing changed the previous description is returned itself (INTEROP I60).</summary>
    private static SessionDescription Session(LocalMedia local, IReadOnlyList<MediaDescription> media, SessionDescription? previous, IReadOnlyList<SdpAttribute>? attributes = null)
    {
        ulong version = previous?.Origin is { } origin && ulong.TryParse(origin.SessionVersion, NumberStyles.None, null, out ulong last) ? last : 0;
        SessionDescription same = Build(Math.Max(version, 1));
        if (previous is null || version == 0)
            return same;
        return same.Write() == previous.Write() ? previous : Build(version + 1);

        SessionDescription Build(ulong number) => new()
        {
            Origin = new SdpOrigin("-", local.SessionId, number.ToString(CultureInfo.InvariantCulture), local.OriginHost ?? local.Address),
            Connection = new SdpConnection(local.Address),
            Attributes = attributes ?? [],
            Media = media,
        };
    }
}
