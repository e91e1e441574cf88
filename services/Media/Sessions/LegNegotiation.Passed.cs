using CloudPbx.MediaControl;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Sessions;

/// <summary>
/// Streams besides the audio: fax and video. They are the two parties' own business: one's offer is made to the other in the same words, and answered as that one answered.
/// Only who is asked is decided here, and where packets go.
/// </summary>
internal sealed partial class LegNegotiation
{
    private readonly Dictionary<PassedKind, IReadOnlyList<CryptoAttribute>> _passedKeys = [];
    private readonly HashSet<PassedKind> _wanted = [];            // what the peer's last offer had besides, taken or not
    private bool _offersAudio = true;                             // whether the peer's last offer has audio
    private bool _isMute;                                         // a fax has taken the audio's place

    /// <summary>Gives our port for a stream, opened if need be, or the audio's where it shares that; null where none is free.</summary>
    public Func<PassedKind, bool, int?> PortFor { get; set; } = (_, _) => null;

    /// <summary>The streams besides the audio that were agreed on.</summary>
    public IReadOnlyList<NegotiatedPassed> Passed { get; private set; } = [];

    private bool IsAsked => _theirOffer is not null && _ourAnswer is null;

    private Sdp.SrtpPolicy Srtp => (Sdp.SrtpPolicy)Policy.Srtp;

    private NegotiatedPassed? InForce(PassedKind kind) => Passed.FirstOrDefault(p => p.Kind == kind);

    /// <summary>How we speak of what is in force; of a leg that another node had, what was described there.</summary>
    private IEnumerable<PassedWords> Spoken() => Agreed is not null || Passed.Count > 0 || _former is null
        ? Passed.Select(p => p.Ours)
        : _lastLocal?.Media.Where(m => m.Port != 0).Select(PassedWords.Of).OfType<PassedWords>() ?? [];

    /// <summary>What our offer has besides the audio: what the other party asks for; else what both have.</summary>
    /// <param name="like">The other party.</param>
    /// <param name="form">How encryption is spoken of.</param>
    /// <param name="hasAudio">Whether audio is offered.</param>
    private List<PassedOffer> PassedToOffer(LegNegotiation? like, SrtpOfferForm form, out bool hasAudio)
    {
        List<PassedOffer> streams = [];
        bool asked = like is { IsAsked: true }, bundled = form == SrtpOfferForm.Dtls && _dtls is not null;
        if (!Policy.AudioOnly)
        {
            foreach ((PassedWords words, MediaDirection direction) in asked
                ? OfferAnswer.ReadPassed(like!.Srtp, like._theirOffer!).Select(o => (o.Words, o.Direction.Reverse()))
                : Spoken().Where(words => like is null || like.Spoken().Any(other => other.Kind == words.Kind)).Select(words => (words, MediaDirection.SendRecv)))
            {
                if ((words.Kind != PassedKind.Fax || (Policy.Srtp != MediaControl.SrtpPolicy.Required && !bundled)) && LocalFor(words.Kind, bundled) is { } local)
                    streams.Add(new PassedOffer(local, words, direction));
            }
        }
        hasAudio = streams.Count == 0 || (asked ? like!._offersAudio : !_isMute);
        return streams;
    }

    /// <summary>What our answer has besides the audio: what the peer offers and the other party has agreed to.</summary>
    private List<PassedAnswer> PassedToAnswer(LegNegotiation? like)
    {
        List<PassedAnswer> streams = [];
        foreach (OfferedPassed offered in Policy.AudioOnly ? [] : OfferAnswer.ReadPassed(Srtp, _theirOffer!))
        {
            if (like?.InForce(offered.Words.Kind)?.Theirs.SharedWith(offered.Words) is { } words && LocalFor(words.Kind, offered.IsBundled) is { } local)
                streams.Add(new PassedAnswer(offered, local, words));
        }
        return streams;
    }

    private LocalPassed? LocalFor(PassedKind kind, bool bundled)
    {
        if (PortFor(kind, bundled) is not { } port)
            return null;
        if (bundled)
            return new LocalPassed(port, []);
        // New ones on each node: packets keep the parties' numbers, so that an old key would encrypt two packets alike.
        if (!_passedKeys.TryGetValue(kind, out IReadOnlyList<CryptoAttribute>? keys))
            _passedKeys.Add(kind, keys = kind == PassedKind.Fax ? [] : CryptoAttribute.GenerateAll(CryptoAttribute.OfferedSuites, _random));
        return new LocalPassed(port, keys);
    }

    /// <summary>Whether the other party has to be asked before the peer's offer is answered: it changes what both must have. What the peer repeats although the other one refused it, does not.</summary>
    /// <param name="passed">What the offer has besides the audio.</param>
    /// <param name="partner">The other party, or null.</param>
    private bool MustAsk(IReadOnlyList<OfferedPassed> passed, LegNegotiation? partner)
    {
        if (partner is null || (Agreed is null && Passed.Count == 0))
            return false;                                         // a call that begins asks by itself
        if (_offersAudio == partner._isMute)
            return true;
        foreach (PassedKind kind in (ReadOnlySpan<PassedKind>)[PassedKind.Fax, PassedKind.Video])
        {
            OfferedPassed? offered = passed.FirstOrDefault(o => o.Words.Kind == kind);
            NegotiatedPassed? there = partner.InForce(kind);
            if (offered is null ? there is not null : there is null ? !_wanted.Contains(kind) : !Covers(there, offered.Words))
                return true;
        }
        return false;
    }

    /// <summary>Whether what the other party agreed to serves an offer still: a fax must be as it was, a video may have lost formats.</summary>
    private bool Covers(NegotiatedPassed there, PassedWords offered) =>
        offered.Kind == PassedKind.Fax ? InForce(offered.Kind) is { } before && before.Theirs.SaysSame(offered) : there.Theirs.SharedWith(offered) is not null;

    /// <summary>Whether two legs' streams of a kind can be connected: what one's peer may send is what the other one's understands.</summary>
    public bool Matches(LegNegotiation other, PassedKind kind) =>
        InForce(kind) is { } ours && other.InForce(kind) is { } theirs && ours.Theirs.SharedWith(theirs.Theirs) is not null;

    private void Note(Negotiation result)
    {
        Passed = result.Passed;
        _isMute = result.Media is null;
        Agreed = result.Media ?? (Agreed is { } before ? before with { Direction = MediaDirection.Inactive, RemoteHeld = false } : null);
    }
}
