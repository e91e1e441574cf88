using CloudPbx.Media.Ports;
using CloudPbx.Media.Relay;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Sessions;

/// <summary>Fax and video: each has a stream of its own from when it is first described to the peer, connected with the partner's of the same kind.</summary>
internal sealed partial class MediaLeg
{
    private readonly Dictionary<PassedKind, Passing> _passing = [];
    private readonly PassingCounters _passedCounters = new();

    /// <summary>Our port for a stream, opened when it is first described. It stays the same for the leg's life, in a family of addresses.</summary>
    /// <param name="kind">What the stream carries.</param>
    /// <param name="bundled">Whether it shares the audio's transport.</param>
    /// <returns>Null where no port is free.</returns>
    public int? PortFor(PassedKind kind, bool bundled)
    {
        if (_passing.TryGetValue(kind, out Passing? known))
        {
            if (known.Stream.Ports is null == bundled && (known.Stream.Ports ?? _ports).Family == _ports.Family)
                return (known.Stream.Ports ?? _ports).RtpPort;
            _passing.Remove(kind);                                // the leg went from a browser's form to a phone's, or back, or to another family of addresses
            loop.Post(known.Stream.End);
        }
        if (bundled)
        {
            _passing.Add(kind, new Passing(new PassingStream(kind, null, loop, stream, _passedCounters)));
            return _ports.RtpPort;
        }
        if (!loop.TryTakePorts(_ports.Family, forHelp: false, out PortPair? pair))    // what is kept back is for speech
            return null;
        var made = new PassingStream(kind, pair, loop, stream, _passedCounters);
        _passing.Add(kind, new Passing(made));
        loop.Post(() => loop.Add(made));
        return pair.RtpPort;
    }

    /// <summary>After an offer/answer: what was agreed on is passed on. What is over keeps its ports for the next time: a peer that begins and ends again and again wears out no others.</summary>
    private void ApplyPassed()
    {
        if (_passing.Count == 0)
            return;
        foreach (Passing passing in _passing.Values)
        {
            NegotiatedPassed? agreed = negotiation.Passed.FirstOrDefault(p => p.Kind == passing.Stream.Kind);
            PassingSettings? settings = passing.Settings = agreed is null ? null : parts.Builder.Build(agreed, negotiation.Policy, passing.Settings, _ports.Family);
            loop.Post(() => passing.Stream.Apply(settings));
        }
        ConnectPassed();
    }

    private void ConnectPassed()
    {
        if (_partner is not { } partner)
            return;
        foreach ((PassedKind kind, Passing ours) in _passing)
        {
            if (!partner._passing.TryGetValue(kind, out Passing? theirs))
                continue;
            if (negotiation.Matches(partner.Negotiation, kind))
                loop.Post(() => ours.Stream.Connect(theirs.Stream));
            else
                loop.Post(ours.Stream.Leave);
        }
    }

    private void LeavePassed()
    {
        foreach (Passing passing in _passing.Values)
            loop.Post(passing.Stream.Leave);
    }

    private void EndPassed()
    {
        foreach (Passing passing in _passing.Values)
            loop.Post(passing.Stream.End);
        _passing.Clear();
    }

    private sealed class Passing(PassingStream stream)
    {
        public PassingStream Stream => stream;

        public PassingSettings? Settings { get; set; }
    }
}
