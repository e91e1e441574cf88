using CloudPbx.Audio.Codecs;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Recording;

/// <summary>
/// Samples as octets of G.711, at 8 kHz: what came by the network stays as it came, and what was made up becomes of the law that was heard last.
/// </summary>
/// <remarks>
/// A block has room for a few changes of law (<see cref="CompandedBlock.MostRuns"/>). Who changes more often in half a second has the rest of it by way of linear samples, in
/// one law.
/// </remarks>
internal sealed class CompandedSamples() : StagedSamples<byte>(Rate)
{
    private const int Rate = 8000;
    private const int MostChanges = CompandedBlock.MostRuns - 1;                // in a block that begins with a run
    private const int PendingRuns = CompandedBlock.MostRuns * ((Rate * MostStagedMilliseconds / 1000 / CompandedBlock.Frames) + 2);

    private readonly (long At, CompandedLaw Law)[] _runs = new (long, CompandedLaw)[PendingRuns];      // that begin behind Taken
    private int _pending;
    private CompandedLaw _taken = CompandedLaw.Silence, _law = CompandedLaw.Silence;       // at Taken, and at Cursor
    private CompandedLaw _spoken = CompandedLaw.MuLaw;                          // what was heard last
    private long _changedBlock;
    private int _changes;                                                       // in that block

    public override void Add(ReadOnlySpan<short> samples)
    {
        if (!samples.IsEmpty)
            Encode(samples, _spoken);
    }

    public override void Add(ReadOnlySpan<short> samples, AudioFormat format, ReadOnlySpan<byte> payload)
    {
        if (samples.IsEmpty)
            return;
        CompandedLaw law = format switch
        {
            AudioFormat.Pcma => CompandedLaw.ALaw,
            AudioFormat.Pcmu => CompandedLaw.MuLaw,
            _ => CompandedLaw.None,
        };
        if (law == CompandedLaw.None)
        {
            Encode(samples, _spoken);
            return;
        }
        _spoken = law;
        if (!TryChange(law))
        {
            Encode(samples, law);
            return;
        }
        Span<byte> place = Place(samples.Length);
        payload.Slice(payload.Length - samples.Length, place.Length).CopyTo(place);
    }

    public override void AddSilence(long count)
    {
        if (count <= 0)
            return;
        if (TryChange(CompandedLaw.Silence))
            Place(count).Clear();
        else
            Place(count).Fill(_law == CompandedLaw.ALaw ? G711.ALawSilence : G711.MuLawSilence);
    }

    /// <summary>Writes the next frames into a block, and drops them.</summary>
    /// <param name="frames">How many; not beyond <see cref="StagedSamples.Cursor"/>.</param>
    /// <param name="block">Which.</param>
    /// <param name="channel">Which of its channels.</param>
    public void TakeInto(int frames, Span<byte> block, int channel)
    {
        int run = 0, begun = 0;
        CompandedBlock.WriteRun(block, channel, run++, 0, _taken);
        for (; begun < _pending && _runs[begun].At < Taken + frames; begun++)
        {
            (long at, _taken) = _runs[begun];
            CompandedBlock.WriteRun(block, channel, at == Taken ? 0 : run++, (int)(at - Taken), _taken);
        }
        _runs.AsSpan(begun, _pending - begun).CopyTo(_runs);
        _pending -= begun;
        Next(frames).CopyTo(CompandedBlock.Octets(block, channel));
        Take(frames);
    }

    private void Encode(ReadOnlySpan<short> samples, CompandedLaw law)
    {
        if (!TryChange(law))
            law = _law;
        Span<byte> place = Place(samples.Length);
        if (law == CompandedLaw.ALaw)
            G711.EncodeALaw(samples[..place.Length], place);
        else
            G711.EncodeMuLaw(samples[..place.Length], place);
    }

    /// <summary>Goes on in another law, where the block has room for it. Room for one that has samples is kept: silence can be said in each.</summary>
    private bool TryChange(CompandedLaw law)
    {
        if (law == _law)
            return true;
        long block = Cursor / CompandedBlock.Frames;
        if (block != _changedBlock)
            (_changedBlock, _changes) = (block, 0);
        if (_changes >= (law == CompandedLaw.Silence ? MostChanges - 1 : MostChanges) || _pending == _runs.Length)
            return false;
        if (Cursor % CompandedBlock.Frames != 0)
            _changes++;
        _runs[_pending++] = (Cursor, law);
        _law = law;
        return true;
    }
}
