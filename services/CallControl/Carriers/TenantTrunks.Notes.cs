using CloudPbx.Contracts.Ids;
using CloudPbx.State.Trunks;

namespace CloudPbx.CallControl.Carriers;

/// <summary>What calls taught of trunks outlives a move of the tenant.</summary>
internal sealed partial class TenantTrunks
{
    private readonly TrunkNoteWriter _notes;

    /// <summary>Takes over what earlier owners learned; what is of another carrier meanwhile goes when the configuration is applied.</summary>
    public void Restore(IReadOnlyList<StoredTrunkNote> notes)
    {
        DateTime since = _worker.Time.GetUtcNow().UtcDateTime - TrunkNoteStore.Life;      // each one by itself: the store forgets all of them at once
        foreach (StoredTrunkNote stored in notes)
        {
            if (TrunkNote.TryRead(stored.Content.Span) is not { } note)
                continue;
            if (note.Rel100 is { } rel100 && rel100.At > since)
                _learned[stored.Trunk] = (note.Carrier, rel100);
            if (note.Failure is { } failure && failure.At > since)
                _failures[stored.Trunk] = (note.Carrier, failure);
        }
    }

    /// <summary>Completes when the next owner can read what was learned, or the store is away.</summary>
    public Task FlushNotesAsync() => _notes.FlushAsync();

    /// <summary>The store is back, perhaps without its data.</summary>
    public void ReseedNotes()
    {
        foreach (TrunkId trunk in _learned.Keys.Union(_failures.Keys))
            _notes.Changed(trunk);
    }

    private TrunkNote? NoteOf(TrunkId trunk)
    {
        (string Carrier, LearnedRel100 What)? learned = _learned.TryGetValue(trunk, out (string Carrier, LearnedRel100 What) taught) ? taught : null;
        (string Carrier, CallFailure What)? failed = _failures.TryGetValue(trunk, out (string Carrier, CallFailure What) known) ? known : null;
        return (learned?.Carrier ?? failed?.Carrier) is { } carrier ? new TrunkNote { Version = TrunkNote.CurrentVersion, Carrier = carrier, Rel100 = learned?.What, Failure = failed?.What } : null;
    }
}
