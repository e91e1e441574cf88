using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Relay;

/// <summary>
/// Learns where a stream's packets come from, once, and then refuses all others (SECURITY.md S14, INTEROP I66). Pure: addresses and
/// instants in, verdicts out.
/// </summary>
/// <remarks>
/// A packet from the described address and port locks at once, even where another was learned: who shares the phone's host and was first with
/// a few packets does not lock it out. Other sources must show packets in a row: authenticated ones, or ones from
/// the described host, or, behind a NAT, from the signalling host. A neighbour of the two (one pool of NAT addresses) needs many, and is not
/// heard until then: a phone may be silent for two seconds after the answer, and a sprayer must not be first. Others are never learned.
/// After a new offer or answer the lock is kept while its source still sends; another source may take its place only in its silence.
/// </remarks>
internal struct SourceFilter
{
    /// <summary>Packets in a row that lock a likely source.</summary>
    public const int LikelyRun = 4;

    /// <summary>Packets in a row that lock a neighbour of the host that SDP or signalling names.</summary>
    public const int UnlikelyRun = 30;

    private const long SilenceMicroseconds = 500_000;
    private const int MaxSequenceStep = 10;

    private long _lockedHeard;              // what is asked for each packet stands first
    private int _reproved;
    private bool _reopened;
    private UdpAddress _locked;
    private SourceRules _rules;
    private UdpAddress _candidate;
    private int _candidateRank;
    private int _candidateRun;
    private uint _candidateSsrc;
    private ushort _candidateSequence;
    private long _candidateHeard;

    /// <summary>The learned source; none before.</summary>
    public readonly UdpAddress Locked => _locked;

    /// <summary>Begins, or begins again after a new offer or answer.</summary>
    public void Apply(in SourceRules rules)
    {
        bool moved = rules.Described != _rules.Described || rules.Signalling != _rules.Signalling;
        _rules = rules;
        _candidate = default;
        _candidateRank = 0;
        if (moved && _locked != rules.Described)
            _locked = default;
        _reopened = !_locked.IsNone;
        _reproved = 0;
    }

    /// <summary>Whether a datagram from here may be looked at further; cheap, before any cryptography.</summary>
    public readonly bool MayCome(in UdpAddress from, bool willAuthenticate, long now) =>
        !_locked.IsNone && (from == _locked || !_reopened || now - _lockedHeard < SilenceMicroseconds)
            ? from == _locked || IsDescribed(from)
            : Rank(from, willAuthenticate) > 0;

    /// <summary>Judges an RTP packet; with SRTP, one whose tag was right.</summary>
    /// <param name="from">Its source.</param>
    /// <param name="ssrc">Its SSRC.</param>
    /// <param name="sequence">Its sequence number.</param>
    /// <param name="authenticated">Its SRTP tag was verified.</param>
    /// <param name="now">Microseconds.</param>
    /// <returns>Whether it belongs to the stream and may be passed on.</returns>
    public bool Accept(in UdpAddress from, uint ssrc, ushort sequence, bool authenticated, long now)
    {
        if (IsLocked(from, now))
            return true;
        if (!MayCome(from, authenticated, now))
            return false;
        int rank = Rank(from, authenticated);
        if (IsDescribed(from))
        {
            Lock(from, now);
            return true;
        }
        if (from == _candidate && ssrc == _candidateSsrc)
        {
            int step = unchecked((ushort)(sequence - _candidateSequence));
            _candidateRun = step is > 0 and <= MaxSequenceStep ? _candidateRun + 1 : 1;
        }
        else if (_candidate.IsNone || rank > _candidateRank || now - _candidateHeard > SilenceMicroseconds)
        {
            (_candidate, _candidateSsrc, _candidateRun) = (from, ssrc, 1);
        }
        else
            return false; // somebody as likely was first
        (_candidateRank, _candidateSequence, _candidateHeard) = (rank, sequence, now);
        if (_candidateRun >= (rank == 1 ? UnlikelyRun : LikelyRun))
            Lock(from, now);
        return rank > 1 || from == _locked;
    }

    /// <summary>Notes a packet of the learned source.</summary>
    /// <returns>Whether it is that.</returns>
    public bool IsLocked(in UdpAddress from, long now)
    {
        if (from != _locked || _locked.IsNone)
            return false;
        _lockedHeard = now;
        if (_reopened && ++_reproved >= LikelyRun)
            _reopened = false;
        return true;
    }

    private readonly bool IsDescribed(in UdpAddress from) => from == _rules.Described && !_rules.Described.IsNone;

    /// <summary>How much speaks for a source: 0 nothing, 1 behind a NAT its neighbourhood, 2 its host, 3 its tag.</summary>
    private readonly int Rank(in UdpAddress from, bool authenticated)
    {
        if (from.SameHost(_rules.Described))
            return authenticated ? 3 : 2;
        if (_rules.Strict)
            return 0;
        if (authenticated)
            return 3;
        if (!_rules.Learn)
            return 0;
        if (from.SameHost(_rules.Signalling))
            return 2;
        bool nothingKnown = _rules.Signalling.IsNone && _rules.Described.IsNone;
        return nothingKnown || from.SameNetwork(_rules.Signalling) || from.SameNetwork(_rules.Described) ? 1 : 0;
    }

    private void Lock(in UdpAddress from, long now)
    {
        _locked = from;
        _lockedHeard = now;
        _reopened = false;
        _candidate = default;
        _candidateRank = 0;
    }
}
