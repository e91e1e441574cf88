namespace CloudPbx.Media.Recording;

/// <summary>What a recording says about itself: where something is not as it was spoken. Lists are bounded; the sums go on.</summary>
internal sealed class RecordingNotes
{
    private const int Most = 500;
    private readonly List<RecordingNote> _notes = [];

    public int Gaps { get; private set; }

    /// <summary>Samples that had to be made up, of both channels.</summary>
    public long ConcealedSamples { get; private set; }

    public int Corrections { get; private set; }

    public IReadOnlyList<RecordingNote> All => _notes;

    public void Gap(int channel, long position, long samples)
    {
        Gaps++;
        ConcealedSamples += samples;
        Add(new RecordingNote(RecordingNoteKind.Gap, channel, position, samples));
    }

    public void Correction(int channel, long position, long samples)
    {
        Corrections++;
        Add(new RecordingNote(RecordingNoteKind.Correction, channel, position, samples));
    }

    public void Pause(long position, long samples) => Add(new RecordingNote(RecordingNoteKind.Pause, -1, position, samples));

    private void Add(RecordingNote note)
    {
        if (_notes.Count < Most)
            _notes.Add(note);
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
internal readonly record struct RecordingNote(RecordingNoteKind Kind, int Channel, long Position, long Samples);
