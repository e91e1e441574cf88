namespace CloudPbx.Media.Recording;

/// <summary>What a recording says about itself: where something is not as it was spoken, every place of it.</summary>
/// <remarks>The list goes into the call's record: an hour in which three of a hundred packets are lost has ten thousand gaps. Where there are too many, neighbours of one kind and channel become one note with a
/// count, over as short a time as will do, so that the list stays short and nothing is left out.</remarks>
internal sealed class RecordingNotes
{
    /// <summary>How long the list may become. Pauses are never put together: somebody made each.</summary>
    public const int Most = 1000;

    private const int Fewer = Most * 3 / 4;
    private const long FirstReach = 8000, LastReach = 1L << 40;        // samples that one note may span

    private readonly List<RecordingNote> _notes = [];
    private long _reach = FirstReach;

    public int Gaps { get; private set; }

    /// <summary>Samples that had to be made up, of both channels.</summary>
    public long ConcealedSamples { get; private set; }

    public int Corrections { get; private set; }

    public IReadOnlyList<RecordingNote> All => _notes;

    public void Gap(int channel, long position, long samples)
    {
        Gaps++;
        ConcealedSamples += samples;
        Add(new RecordingNote(RecordingNoteKind.Gap, channel, position, samples) { Span = samples });
    }

    public void Correction(int channel, long position, long samples)
    {
        Corrections++;
        Add(new RecordingNote(RecordingNoteKind.Correction, channel, position, samples));
    }

    public void Pause(long position, long samples) => Add(new RecordingNote(RecordingNoteKind.Pause, -1, position, samples));

    private void Add(RecordingNote note)
    {
        _notes.Add(note);
        if (_notes.Count <= Most)
            return;
        Join();
        while (_notes.Count > Fewer && _reach < LastReach)
        {
            _reach *= 2;
            Join();
        }
    }

    /// <summary>Puts neighbours together that span no more than the reach.</summary>
    private void Join()
    {
        Dictionary<(RecordingNoteKind Kind, int Channel), int> last = [];
        int kept = 0;
        foreach (RecordingNote note in _notes.ToArray())
        {
            if (note.Kind == RecordingNoteKind.Pause)
                last.Clear();
            else if (last.TryGetValue((note.Kind, note.Channel), out int at) && note.Position + note.Span - _notes[at].Position <= _reach)
            {
                RecordingNote before = _notes[at];
                _notes[at] = before with { Samples = before.Samples + note.Samples, Count = before.Count + note.Count, Span = note.Position + note.Span - before.Position };
                continue;
            }
            else
            {
                last[(note.Kind, note.Channel)] = kept;
            }
            _notes[kept++] = note;
        }
        _notes.RemoveRange(kept, _notes.Count - kept);
    }
}

/// <summary>What is noted.</summary>
internal enum RecordingNoteKind
{
    /// <summary>Packets that never came: made up.</summary>
    Gap,

    /// <summary>The sender's clock runs off the true time: samples put in (positive) or taken out in a pause of the talk.</summary>
    Correction,

    /// <summary>Paused by somebody: nothing was recorded.</summary>
    Pause,
}

/// <summary>One note.</summary>
/// <param name="Kind">What.</param>
/// <param name="Channel">0 left, 1 right, -1 both.</param>
/// <param name="Position">Where, in samples from the beginning.</param>
/// <param name="Samples">How many.</param>
internal readonly record struct RecordingNote(RecordingNoteKind Kind, int Channel, long Position, long Samples)
{
    /// <summary>How many places it stands for.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Samples from the first's beginning to the last's end.</summary>
    public long Span { get; init; }
}
