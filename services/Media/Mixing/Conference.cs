using CloudPbx.Audio.Mixing;
using CloudPbx.Audio.Resampling;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Mixing;

/// <summary>
/// Everybody hears the sum of the others. Telephones are added at 8 kHz and wideband phones at 16 kHz; each sum crosses to the other rate once, whatever the number
/// of parties: nobody's own voice is in the sum that crosses to its side.
/// </summary>
/// <remarks>On the mixing thread. A frame allocates nothing.</remarks>
internal sealed class Conference
{
    private readonly List<Participant> _participants = [];
    private readonly int[] _narrow = new int[Rates.NarrowFrame], _wide = new int[Rates.WideFrame], _whispered = new int[Rates.WideFrame];
    private readonly short[] _clipped = new short[Rates.WideFrame], _crossed = new short[Rates.WideFrame], _heard = new short[Rates.WideFrame];
    private readonly Resampler _up = new(Rates.Narrow, Rates.Wide), _down = new(Rates.Wide, Rates.Narrow);
    private readonly Signal _signal = new();

    /// <summary>The parties.</summary>
    public IReadOnlyList<Participant> Participants => _participants;

    public Participant? Find(LegId leg) => _participants.Find(p => p.Leg == leg);

    /// <summary>A party comes.</summary>
    public void Add(Participant participant) => _participants.Add(participant);

    /// <summary>A party leaves.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(Participant participant) => _participants.Remove(participant);

    /// <summary>Lets everybody hear that somebody came or left.</summary>
    public void Announce(bool came) => _signal.Begin(came);

    /// <summary>Makes one frame.</summary>
    /// <param name="now">Milliseconds.</param>
    public void Mix(long now)
    {
        Array.Clear(_narrow);
        Array.Clear(_wide);
        bool narrowSpeaks = false, wideSpeaks = false, narrowHears = false, wideHears = false, whispers = false;
        for (int i = 0; i < _participants.Count; i++)
        {
            LookAhead(i);
            Participant participant = _participants[i];
            participant.Collect(now);
            narrowHears |= !participant.IsWide && participant.Rights.Hears;
            wideHears |= participant.IsWide && participant.Rights.Hears;
            whispers |= participant.Rights.WhispersTo is not null;
            if (!participant.Speaks || participant.Rights.WhispersTo is not null)
                continue;
            LinearMix.Add(participant.IsWide ? _wide : _narrow, participant.Said);
            narrowSpeaks |= !participant.IsWide;
            wideSpeaks |= participant.IsWide;
        }
        Cross(narrowSpeaks && wideHears, wideSpeaks && narrowHears);
        if (_signal.IsOn)
        {
            LinearMix.Add(_narrow, _signal.Narrow);
            LinearMix.Add(_wide, _signal.Wide);
            _signal.Advance();
        }
        foreach (Participant participant in _participants)
        {
            if (participant.Rights.Hears)
                Hear(participant, whispers);
        }
    }

    /// <summary>Each party is touched again only when all others have been: nothing of it is in the nearer caches by then.</summary>
    private void LookAhead(int place)
    {
        for (int turns = Math.Min(Participant.Foresight, _participants.Count - place - 1); turns > 0; turns--)
            _participants[place + turns].Approaching(turns);
    }

    private void Hear(Participant participant, bool whispers)
    {
        Span<short> heard = _heard.AsSpan(0, participant.FrameLength);
        ReadOnlySpan<int> sum = participant.IsWide ? _wide : _narrow;
        ReadOnlySpan<short> own = participant.Speaks && participant.Rights.WhispersTo is null ? participant.Said : [];
        for (int i = 0; whispers && i < _participants.Count; i++)
        {
            Participant other = _participants[i];
            if (other.Rights.WhispersTo != participant.Leg || !other.Speaks)
                continue;
            sum.CopyTo(_whispered);
            LinearMix.Add(_whispered, other.SaidAt(participant.IsWide));
            sum = _whispered.AsSpan(0, participant.FrameLength);
        }
        LinearMix.Minus(sum, own, heard);
        participant.Hear(heard);
    }

    /// <summary>Adds each sum to the other one, at its rate. Both are clipped before: neither holds what the other brought.</summary>
    private void Cross(bool up, bool down)
    {
        if (!up && !down)
            return;
        Span<short> narrow = _clipped.AsSpan(0, Rates.NarrowFrame);
        LinearMix.Minus(_narrow, [], narrow);
        if (down)
        {
            LinearMix.Minus(_wide, [], _crossed);
            int length = _down.Process(_crossed, _heard);
            LinearMix.Add(_narrow, _heard.AsSpan(0, length));
        }
        if (up)
            LinearMix.Add(_wide, _crossed.AsSpan(0, _up.Process(narrow, _crossed)));
    }
}
