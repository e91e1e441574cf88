namespace CloudPbx.Sdp;

/// <summary>Streams besides the audio: fax (ITU-T T.38 Annex D, RFC 3362) and video, one of each, as the two parties agree on them.</summary>
public static partial class OfferAnswer
{
    /// <summary>Finds the streams besides the audio that could be passed on.</summary>
    /// <param name="srtp">The demand on encryption: UDPTL has none, so a party that must be encrypted has no fax.</param>
    /// <param name="offer">The peer's offer.</param>
    /// <returns>At most one of each kind, in the offer's order. Never throws for what a peer wrote.</returns>
    public static IReadOnlyList<OfferedPassed> ReadPassed(SrtpPolicy srtp, SessionDescription offer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        List<OfferedPassed>? found = null;
        for (int i = 0; i < offer.Media.Count; i++)
        {
            MediaDescription media = offer.Media[i];
            bool bundled = IsBundledWithAudio(offer, media);
            if ((media.Port == 0 && !(bundled && media.Has("bundle-only"))) || offer.ConnectionOf(media) is null || PassedWords.Of(media) is not { } words || found?.Exists(f => f.Words.Kind == words.Kind) == true)
                continue;
            if (media.IsDtlsProfile && !bundled)
                continue;                                         // a transport of its own would need a handshake of its own
            CryptoAttribute? key = words.Kind == PassedKind.Video && (media.IsSdesProfile || srtp != SrtpPolicy.Off)
                ? media.CryptoAttributes().FirstOrDefault(c => c.IsUsable && CryptoAttribute.OfferedSuites.Contains(c.Suite))
                : null;
            if (key is null && !bundled && (media.IsSdesProfile || srtp == SrtpPolicy.Required))
                continue;
            (found ??= []).Add(new OfferedPassed(i, words, LocalDirection(MediaDirection.SendRecv, offer, media).Direction, key, bundled));
        }
        return found ?? (IReadOnlyList<OfferedPassed>)[];
    }

    /// <summary>Makes the answer to an offer that has no audio (any more): fax takes its place.</summary>
    /// <param name="local">What we bring.</param>
    /// <param name="offer">The peer's offer.</param>
    /// <param name="passed">What we agree to, at least one.</param>
    /// <param name="previous">Our description in force on this dialog, or <see langword="null"/>.</param>
    public static Negotiation MakeAnswerWithoutAudio(LocalMedia local, SessionDescription offer, IReadOnlyList<PassedAnswer> passed, SessionDescription? previous)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(passed);
        MediaDescription[] media = [.. offer.Media.Select(Refuse)];
        List<NegotiatedPassed> agreed = AnswerPassed(offer, passed, media, null);
        return new Negotiation(NegotiationFault.None, Session(local, media, previous), null) { Passed = agreed };
    }

    /// <summary>Whether a section shares the transport of a section with audio (RFC 9143 §7.2): what browsers do.</summary>
    private static bool IsBundledWithAudio(SessionDescription description, MediaDescription media)
    {
        if (!media.IsDtlsProfile || media.Attribute("mid") is not { Length: > 0 } mid)
            return false;
        foreach (SdpAttribute attribute in description.Attributes)
        {
            if (attribute is not { Name: "group", Value: { } group } || !group.StartsWith("BUNDLE ", StringComparison.Ordinal))
                continue;
            string[] mids = group.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (mids.Contains(mid) && description.Media.Any(m => m.IsDtlsProfile && m.Port != 0 && m.Kind.Equals("audio", StringComparison.OrdinalIgnoreCase) && mids.Contains(m.Attribute("mid"))))
                return true;
        }
        return false;
    }

    /// <summary>Puts what we agree to into its places among the sections of our answer.</summary>
    /// <param name="offer">The peer's offer.</param>
    /// <param name="passed">What we agree to.</param>
    /// <param name="media">The sections of our answer.</param>
    /// <param name="bundle">Makes a section one of the audio's transport; <see langword="null"/> where that has no DTLS.</param>
    private static List<NegotiatedPassed> AnswerPassed(
        SessionDescription offer, IReadOnlyList<PassedAnswer> passed, MediaDescription[] media, Func<MediaDescription, string?, MediaDescription>? bundle)
    {
        List<NegotiatedPassed> agreed = [];
        foreach (PassedAnswer answer in passed)
        {
            OfferedPassed offered = answer.Offered;
            MediaDescription theirs = offer.Media[offered.Index];
            CryptoAttribute? ours = offered.RemoteKey is { } remote && answer.Local.Keys.FirstOrDefault(k => k.Suite == remote.Suite) is { } key ? Retag(key, remote.Tag) : null;
            if ((offered.RemoteKey is not null && ours is null) || (offered.IsBundled && bundle is null))
                continue;
            bool mux = offered.IsBundled || (answer.Words.Kind == PassedKind.Video && theirs.RtcpMux);
            MediaDescription section = Section(answer.Words, theirs.Protocol, answer.Local.Port, ours is null ? [] : [ours], mux, offered.Direction);
            media[offered.Index] = offered.IsBundled ? bundle!(section, theirs.Attribute("mid")) : section;
            agreed.Add(AgreedOn(offer, theirs, answer.Words, offered.Words, mux, offered.Direction) with { LocalKey = ours, RemoteKey = offered.RemoteKey, IsBundled = offered.IsBundled });
        }
        return agreed;
    }

    /// <summary>The streams of our offer that the peer's answer takes.</summary>
    private static List<NegotiatedPassed> TakePassed(LocalMedia local, SessionDescription offer, SessionDescription answer)
    {
        List<NegotiatedPassed> agreed = [];
        for (int i = 0; i < offer.Media.Count && i < answer.Media.Count; i++)
        {
            MediaDescription ours = offer.Media[i], theirs = answer.Media[i];
            if (ours.Port == 0 || theirs.Port == 0 || PassedWords.Of(ours) is not { } said || answer.ConnectionOf(theirs) is null
                || PassedWords.Of(theirs)?.SharedWith(said) is not { } words)
                continue;
            bool bundled = ours.IsDtlsProfile;
            if (bundled && !IsBundledWithAudio(answer, theirs))
                continue;
            if (AnswerKeys(local, ours, theirs, out CryptoAttribute? localKey, out CryptoAttribute? remoteKey) != NegotiationFault.None && said.Kind == PassedKind.Video)
                continue;
            agreed.Add(AgreedOn(answer, theirs, said, words, bundled, LocalDirection(MediaDirection.SendRecv, answer, theirs).Direction) with { LocalKey = localKey, RemoteKey = remoteKey, IsBundled = bundled });
        }
        return agreed;
    }

    private static NegotiatedPassed AgreedOn(
        SessionDescription remote, MediaDescription theirs, PassedWords said, PassedWords heard, bool mux, MediaDirection direction)
    {
        SdpConnection connection = remote.ConnectionOf(theirs)!;
        (int rtcpPort, SdpConnection? rtcpAddress) = theirs.RtcpEndpoint();
        return new NegotiatedPassed
        {
            Ours = said,
            Theirs = heard,
            RemoteConnection = connection,
            RemotePort = theirs.Port,
            RemoteRtcpConnection = mux ? connection : rtcpAddress ?? connection,
            RemoteRtcpPort = mux ? theirs.Port : rtcpPort,
            RtcpMux = mux,
            Direction = direction,
        };
    }

    private static MediaDescription OfferedSection(LocalMedia local, PassedOffer stream, bool keys, bool savp) => stream.Words.Kind == PassedKind.Fax
        ? Section(stream.Words, "udptl", stream.Local.Port, [], false, stream.Direction)
        : Section(
            stream.Words, (savp || local.Srtp == SrtpPolicy.Required ? "RTP/SAVP" : "RTP/AVP") + (stream.Words.Feedback ? "F" : ""), stream.Local.Port,
            keys ? [.. stream.Local.Keys.Select((key, i) => Retag(key, i + 1))] : [], false, stream.Direction);

    /// <summary>The section of a video that shares the audio's transport; null where the audio has taken all its numbers.</summary>
    private static MediaDescription? BundledSection(LocalMedia local, PassedOffer stream, MediaDescription audio, SessionDescription? previous)
    {
        if (stream.Words.Without([.. audio.Formats]) is not { } words)
            return null;
        // RFC 9143 §7.2: a section keeps its name; a new one gets one that nobody has.
        string mid = previous?.Media.FirstOrDefault(m => m.Kind.Equals("video", StringComparison.OrdinalIgnoreCase))?.Attribute("mid")
            ?? Enumerable.Range(1, SessionDescription.MaxMedia).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))
                .First(name => audio.Attribute("mid") != name && previous?.Media.Any(m => m.Attribute("mid") == name) != true);
        return WithDtls(Section(words, audio.Protocol, local.Port, [], true, stream.Direction), local, mid, "actpass", ice: true);
    }

    private static MediaDescription Section(
        PassedWords words, string protocol, int port, IReadOnlyList<CryptoAttribute> keys, bool mux, MediaDirection direction)
    {
        List<SdpAttribute> attributes = [.. words.Attributes, .. keys.Select(key => new SdpAttribute("crypto", key.ToAttributeValue()))];
        if (mux)
            attributes.Add(new("rtcp-mux", null));
        if (words.Kind == PassedKind.Video)
            attributes.Add(new(direction.ToAttributeName(), null));
        return new MediaDescription
        {
            Kind = words.Kind == PassedKind.Fax ? "image" : "video",
            Port = port,
            Protocol = protocol,
            Formats = words.Formats,
            OtherLines = words.Bandwidth,
            Attributes = attributes,
        };
    }

    /// <summary>
    /// Lays the sections of a new offer over those before (RFC 3264 §8): each keeps its place, a fax takes the place of an audio that goes and gives it back (§8.3.3),
    /// what is new comes last, what is over stays with port 0.
    /// </summary>
    private static MediaDescription[] Lay(IReadOnlyList<MediaDescription> sections, SessionDescription? previous)
    {
        List<MediaDescription> media = [.. previous?.Media.Select(Refuse) ?? []];
        int before = media.Count;
        List<MediaDescription> homeless = [];
        foreach (MediaDescription section in sections)
        {
            int place = PlaceOf(section.Kind);
            if (place < 0)
                homeless.Add(section);
            else
                media[place] = section;
        }
        foreach (MediaDescription section in homeless)
        {
            string? twin = section.Kind switch { "image" => "audio", "audio" => "image", _ => null };
            int place = twin is null ? -1 : PlaceOf(twin);
            if (place < 0)
                media.Add(section);
            else
                media[place] = section;
        }
        return [.. media];

        int PlaceOf(string kind)
        {
            int refused = -1;
            for (int i = 0; i < before; i++)
            {
                if (media[i].Port != 0 || !previous!.Media[i].Kind.Equals(kind, StringComparison.OrdinalIgnoreCase))
                    continue;
                if (previous.Media[i].Port != 0)
                    return i;
                refused = refused < 0 ? i : refused;
            }
            return refused;
        }
    }
}
