namespace CloudPbx.Sdp;

/// <summary>
/// Offer and answer (RFC 3264) for one audio stream, and for what is passed on beside it, as pure functions: all state is in the arguments. Sections that are
/// neither are kept in place and refused with port 0.
/// </summary>
public static partial class OfferAnswer
{
    /// <summary>Makes an offer: for an outgoing INVITE, or a re-INVITE if <paramref name="previous"/> is given.</summary>
    /// <param name="local">What we bring.</param>
    /// <param name="form">How encryption is spoken of; <see cref="SrtpPolicy.Required"/> always offers RTP/SAVP.</param>
    /// <param name="like">The other party's formats: they go first, with that party's parameters. May be empty.</param>
    /// <param name="previous">Our description in force on this dialog, or <see langword="null"/>: keeps the sections in place and the payload
    /// types' meaning (§8.3.2); the version in <c>o=</c> rises only if anything changed (INTEROP I60).</param>
    /// <param name="passed">The streams besides the audio; for a peer with DTLS a video alone, which shares the audio's transport (RFC 9143).</param>
    /// <param name="hasAudio">Whether audio is offered at all.</param>
    /// <returns>The offer. Its audio section has at least one format unless neither list has a codec.</returns>
    public static SessionDescription MakeOffer(
        LocalMedia local, SrtpOfferForm form, IReadOnlyList<PayloadFormat> like, SessionDescription? previous, IReadOnlyList<PassedOffer>? passed = null, bool hasAudio = true)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(like);
        int index = previous is null ? 0 : LocalAudioIndex(previous);
        bool dtls = form == SrtpOfferForm.Dtls && local.Dtls is not null;
        bool keys = !dtls && (local.Srtp == SrtpPolicy.Required || form != SrtpOfferForm.Clear);
        bool savp = local.Srtp == SrtpPolicy.Required || form == SrtpOfferForm.Savp;
        List<CryptoAttribute> offered = [];
        foreach (CryptoAttribute key in keys ? local.Keys : [])
            offered.Add(Retag(key, offered.Count + 1));
        passed ??= [];
        IReadOnlyList<PayloadFormat> formats = PayloadTypes.Assign(local, like, previous?.Media.ElementAtOrDefault(index), dtls ? [.. passed.SelectMany(p => p.Words.Formats)] : []);
        MediaDescription audio = Audio(
            local, dtls ? "UDP/TLS/RTP/SAVPF" : savp ? "RTP/SAVP" : "RTP/AVP", formats, offered, local.Direction, local.PtimeMilliseconds, local.RtcpMux || dtls);
        if (dtls)
            audio = WithDtls(audio, local, previous?.Media.ElementAtOrDefault(index)?.Attribute("mid") ?? "0", "actpass", ice: true);
        IEnumerable<MediaDescription> further = dtls
            ? passed.Where(stream => stream.Words.Kind == PassedKind.Video).Select(stream => BundledSection(local, stream, audio, previous)).OfType<MediaDescription>()
            : passed.Select(stream => OfferedSection(local, stream, keys, savp));
        MediaDescription[] media = Lay(hasAudio ? [audio, .. further] : [.. further], previous);
        return Session(local, media, previous, dtls ? IceOfSession(BundledMids(media)) : null);
    }

    /// <summary>Takes the peer's answer to our offer.</summary>
    /// <param name="local">What we brought.</param>
    /// <param name="offer">The offer made by <see cref="MakeOffer"/>.</param>
    /// <param name="answer">The peer's answer.</param>
    /// <returns>The stream agreed on, or the fault. Never throws for what a peer wrote.</returns>
    public static Negotiation ReceiveAnswer(LocalMedia local, SessionDescription offer, SessionDescription answer)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(answer);
        int index = LocalAudioIndex(offer);
        List<NegotiatedPassed> passed = offer.Media.Count == 1 && index == 0 ? [] : TakePassed(local, offer, answer);
        MediaDescription? theirs = answer.Media.ElementAtOrDefault(index);
        if (index >= offer.Media.Count || offer.Media[index].Port == 0 || theirs is null || theirs.Port == 0 || !theirs.Kind.Equals("audio", StringComparison.OrdinalIgnoreCase))
            return passed.Count == 0 ? Negotiation.Failed(NegotiationFault.Refused) : new Negotiation(NegotiationFault.None, offer, null) { Passed = passed };
        MediaDescription ours = offer.Media[index];
        if (answer.ConnectionOf(theirs) is not { } connection)
            return Negotiation.Failed(NegotiationFault.NoAddress);
        NegotiationFault fault = AnswerKeys(local, ours, theirs, out CryptoAttribute? localKey, out CryptoAttribute? remoteKey);
        if (fault != NegotiationFault.None)
            return Negotiation.Failed(fault);
        RemoteDtls? dtls = theirs.IsDtlsProfile ? RemoteDtls.Read(answer, theirs) : null;
        if (theirs.IsDtlsProfile && dtls is null)
            return Negotiation.Failed(NegotiationFault.NoUsableKey);

        IReadOnlyList<PayloadFormat> offered = ours.PayloadFormats();
        // A dynamic type without rtpmap in the answer means what it meant in the offer.
        List<PayloadFormat> common = [.. theirs.PayloadFormats(offered).Where(f => offered.Any(f.IsInterchangeableWith))];   // I55: codecs never offered are skipped
        PayloadFormat? send = common.Find(f => f.Codec.IsSpeech);
        if (send is null)
            return Negotiation.Failed(NegotiationFault.NoCommonCodec);
        var receive = new List<PayloadFormat>();
        foreach (PayloadFormat format in offered)
        {
            // Chromium 156 may send what we offered first although its answer leaves that out (setCodecPreferences): whoever offers a codec can hear it.
            if (dtls is not null || common.Exists(format.IsInterchangeableWith))
                receive.Add(format);
        }
        foreach (PayloadFormat format in common)
        {
            if (!offered.Any(o => o.PayloadType == format.PayloadType) && !receive.Exists(r => r.PayloadType == format.PayloadType))
                receive.Add(format);
        }
        return new Negotiation(NegotiationFault.None, offer, Agreed(local, answer, theirs, connection, index, ours.RtcpMux && theirs.RtcpMux) with
        {
            Send = send,
            SendTelephoneEvent = EventsFor(common, send.Codec),
            SendComfortNoise = NoiseFor(common, send.Codec),
            Receive = receive,
            RemoteFormats = [.. common.Where(f => f.Codec.IsSpeech)],
            LocalKey = localKey,
            RemoteKey = remoteKey,
            Dtls = dtls,
        }) { Passed = passed };
    }

    /// <summary>Looks at an offer without answering it.</summary>
    /// <param name="local">What we bring.</param>
    /// <param name="offer">The peer's offer.</param>
    /// <returns>What it brings; the fault says whether <see cref="MakeAnswer"/> could serve it, codecs aside.</returns>
    public static OfferedAudio ReadOffer(LocalMedia local, SessionDescription offer)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(offer);
        (NegotiationFault fault, int index, CryptoAttribute? key) = FirstUsable(local, offer);
        if (fault != NegotiationFault.None)
            return new OfferedAudio(fault, [], false, false, false, MediaDirection.Inactive, false);
        MediaDescription media = offer.Media[index];
        IReadOnlyList<PayloadFormat> formats = media.PayloadFormats();
        List<PayloadFormat> speech = [.. formats.Where(f => f.Codec.IsSpeech)];
        (MediaDirection direction, bool held) = LocalDirection(local.Direction, offer, media);
        return new OfferedAudio(
            speech.Count == 0 ? NegotiationFault.NoCommonCodec : NegotiationFault.None,
            speech, formats.Any(f => f.Codec.IsTelephoneEvent), !media.IsDtlsProfile && formats.Any(f => f.Codec.Equals(AudioCodec.ComfortNoise)), key is not null || media.IsDtlsProfile, direction, held);
    }

    /// <summary>Makes the answer to an offer: one codec, telephone-event at its clock rate, the other sections refused.</summary>
    /// <param name="local">What we bring.</param>
    /// <param name="offer">The peer's offer.</param>
    /// <param name="like">The other party's formats, the one in use first: chosen if offered, so that packets are passed on as they are. May be empty.</param>
    /// <param name="previous">Our description in force on this dialog, or <see langword="null"/>; see <see cref="MakeOffer"/>.</param>
    /// <param name="passed">Those of the other streams that we agree to, since the other party has.</param>
    /// <returns>The answer and the stream, or the fault (488). Never throws for what a peer wrote.</returns>
    public static Negotiation MakeAnswer(
        LocalMedia local, SessionDescription offer, IReadOnlyList<PayloadFormat> like, SessionDescription? previous, IReadOnlyList<PassedAnswer>? passed = null)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(like);
        (NegotiationFault fault, int index, CryptoAttribute? remoteKey) = FirstUsable(local, offer);
        if (fault != NegotiationFault.None)
            return Negotiation.Failed(fault);
        MediaDescription theirs = offer.Media[index];
        IReadOnlyList<PayloadFormat> offered = theirs.PayloadFormats();
        if (Choose(local, offered, like) is not { } choice)
            return Negotiation.Failed(NegotiationFault.NoCommonCodec);

        PayloadFormat? events = local.TelephoneEvent ? EventsFor(offered, choice.Send.Codec) : null;
        PayloadFormat ours = choice.Send with { Parameters = FormatParameters.ForUs(choice.Send.Codec, choice.Like is null ? choice.Send.Parameters : choice.Like.Parameters) };
        // Browsers take steady tones (music, keys as tones) for noise where it is agreed on, and send that instead (tried with Chromium 156).
        PayloadFormat? noise = theirs.IsDtlsProfile ? null : NoiseFor(offered, choice.Send.Codec);
        List<PayloadFormat> formats = [ours];
        if (noise is not null)
            formats.Add(noise);
        if (events is not null)
            formats.Add(events with { Parameters = FormatParameters.Events });
        CryptoAttribute? localKey = remoteKey is null ? null : Retag(KeyFor(local, remoteKey.Suite)!, remoteKey.Tag);
        NegotiatedMedia agreed = Agreed(local, offer, theirs, offer.ConnectionOf(theirs)!, index, local.RtcpMux && theirs.RtcpMux) with
        {
            Send = choice.Send,
            SendTelephoneEvent = events,
            SendComfortNoise = noise,
            Receive = formats,
            RemoteFormats = [choice.Send, .. offered.Where(f => f.Codec.IsSpeech && f != choice.Send)],
            LocalKey = localKey,
            RemoteKey = remoteKey,
            Dtls = theirs.IsDtlsProfile ? RemoteDtls.Read(offer, theirs) : null,
        };
        MediaDescription audio = Audio(
            local, theirs.Protocol, formats, localKey is null ? [] : [localKey], agreed.Direction, AnswerPtime(local, theirs), agreed.RtcpMux);
        MediaDescription[] media = [.. offer.Media.Select(Refuse)];
        string? mid = theirs.Attribute("mid");
        bool ice = agreed.Dtls is { UsesIce: true };
        if (agreed.Dtls is { } dtls)
            audio = WithDtls(audio, local, mid, dtls.WeAreClient ? "active" : "passive", ice);
        media[index] = audio;
        List<NegotiatedPassed> further = AnswerPassed(
            offer, passed ?? [], media, agreed.Dtls is { } transport ? (section, name) => WithDtls(section, local, name, transport.WeAreClient ? "active" : "passive", ice) : null);
        bool bundled = mid is not null && offer.Attributes.Any(a => a is { Name: "group", Value: { } group } && group.StartsWith("BUNDLE", StringComparison.Ordinal));
        return new Negotiation(NegotiationFault.None, Session(local, media, previous, ice ? IceOfSession(bundled ? BundledMids(media) : null) : null), agreed) { Passed = further };
    }
}
