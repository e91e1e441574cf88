using System.Security.Cryptography;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Recording;

/// <summary>One recording: two channels on one time line, sealed block by block into a file. A disk that fails does not end it: the call goes on, the recording is partial.</summary>
/// <remarks>On the recorder's thread but for the constructor.</remarks>
internal sealed class SessionRecording : IDisposable
{
    private const int StepMilliseconds = 100;
    private const int BlocksBetweenOpenings = 8 * 1000 / SealedAudio.BlockMilliseconds;     // of a file that could not be opened

    private readonly StereoRoom _room;
    private readonly SealedAudio _form;
    private readonly AesGcm _cipher;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly RecordingChannel[] _channels;
    private readonly RecordingNotes _notes = new();
    private readonly RecorderScratch _scratch;
    private readonly long _start;
    private readonly Func<IRecordingFile?> _open;
    private IRecordingFile? _file;
    private long _advanced;                                       // microseconds: time went on until then
    private long _horizon, _block, _fileLength;
    private long _pausedAt = -1;
    private bool _failed, _finished, _hasHead;

    /// <summary>Begins.</summary>
    /// <param name="recording">Which.</param>
    /// <param name="key">Its own key.</param>
    /// <param name="rate">Samples per second.</param>
    /// <param name="now">Microseconds of the media clock: the time line's beginning.</param>
    /// <param name="scratch">The recorder's.</param>
    /// <param name="open">Opens where it goes; null where that cannot be opened: it is asked again now and then, and what came until then is a hole.</param>
    public SessionRecording(RecordingId recording, ReadOnlySpan<byte> key, int rate, long now, RecorderScratch scratch, Func<IRecordingFile?> open)
    {
        Id = recording;
        _room = StereoRoom.For(rate, recording);
        _form = _room.Form;
        _cipher = new AesGcm(key, SealedAudio.TagLength);
        _channels = [new RecordingChannel(rate, 0, _room.Left, _notes, scratch), new RecordingChannel(rate, 1, _room.Right, _notes, scratch)];
        _scratch = scratch;
        _start = _advanced = now;
        _open = open;
        _fileLength = _form.DataOffset;
        Open();
    }

    public RecordingId Id { get; }

    /// <summary>Takes a packet from the feed. Where many come at once, after a disk that was slow, time goes on with them: channels have room for a second.</summary>
    public void Add(in TappedPacket packet, ReadOnlySpan<byte> payload)
    {
        if (packet.Arrival - _advanced >= StepMilliseconds * 1000)
            Advance(packet.Arrival);
        _channels[packet.Side & 1].Add(packet with { Arrival = packet.Arrival - _start }, payload);
    }

    /// <summary>Something of it was lost: packets that were dropped on their way here, a step that threw.</summary>
    public void Fail() => _failed = true;

    /// <summary>Somebody paused it; the packets stop at the tap.</summary>
    public void Pause(long now)
    {
        if (_pausedAt < 0)
            _pausedAt = now;
    }

    public void Resume(long now)
    {
        if (_pausedAt < 0)
            return;
        _notes.Pause(_channels[0].PositionOf(_pausedAt - _start), (now - _pausedAt) * _form.SampleRate / 1_000_000);
        _pausedAt = -1;
    }

    /// <summary>Time goes on: what is old enough is written.</summary>
    public void Advance(long now)
    {
        _advanced = now;
        long horizon = _channels[0].PositionOf(now - _start) - (_form.SampleRate * RecordingChannel.WindowMilliseconds / 1000);
        long step = _form.SampleRate * StepMilliseconds / 1000;
        while (_horizon < horizon)
        {
            _horizon = Math.Min(horizon, _horizon + step);
            foreach (RecordingChannel channel in _channels)
                channel.Advance(_horizon);
            WriteBlocks(last: false);
        }
    }

    /// <summary>It ends: everything is written, the file may be uploaded.</summary>
    public RecordingFigures Finish(long now)
    {
        if (!_finished)
        {
            _finished = true;
            Resume(now);
            Advance(now);
            foreach (RecordingChannel channel in _channels)
                channel.Finish();
            long end = Math.Max(_channels[0].Cursor, _channels[1].Cursor);
            foreach (RecordingChannel channel in _channels)
                channel.Advance(end);
            WriteBlocks(last: true);
            try
            {
                _file?.Finish();
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                _failed = true;
            }
        }
        return Figures();
    }

    public void Dispose()
    {
        _file?.Dispose();
        _cipher.Dispose();
        _hash.Dispose();
        _scratch.Forget();
    }

    /// <summary>How it stands; of the whole once it has ended.</summary>
    public RecordingFigures Figures() => new()
    {
        Known = true,
        DurationMilliseconds = _channels[0].Cursor * 1000 / _form.SampleRate,
        IsPartial = _failed || _channels.Any(c => c.MissedCodec),
        Gaps = _notes.Gaps,
        ConcealedMilliseconds = _notes.ConcealedSamples * 1000 / _form.SampleRate,
        Length = _fileLength,
        Sha256 = _failed ? null : Convert.ToHexStringLower(_hash.GetCurrentHash()),
        Notes = [.. _notes.All.Select(n => new RecordedNote(
            (RecordedNoteKind)n.Kind, n.Channel, n.Position * 1000 / _form.SampleRate, n.Samples * 1_000_000 / _form.SampleRate,
            n.Count, n.Count == 1 ? 0 : n.Span * 1000 / _form.SampleRate))],
    };

    private void WriteBlocks(bool last)
    {
        while (true)
        {
            long available = Math.Min(_channels[0].Cursor, _channels[1].Cursor) - (_block * _form.BlockFrames);
            if (available < (last ? 1 : _form.BlockFrames))
                return;
            int frames = (int)Math.Min(available, _form.BlockFrames);
            Span<byte> clear = _scratch.Clear(_form.LengthOf(frames)), block = _scratch.Sealed(clear.Length + SealedAudio.TagLength);
            _room.Take(frames, clear);
            _form.Seal(_cipher, _block, clear, block);
            Write(_form.OffsetOf(_block), block);
            _block++;
            if (_file is null && _block % BlocksBetweenOpenings == 0)
                Open();
        }
    }

    private void Open()
    {
        _file = _open();
        if (_file is null)
            _failed = true;
        else
            WriteHead();
    }

    /// <summary>Without its head nothing of a file can be played.</summary>
    private void WriteHead()
    {
        Span<byte> head = stackalloc byte[_form.DataOffset];
        head.Clear();
        _form.Write(head);
        _hasHead = TryWrite(0, head);
    }

    private void Write(long offset, ReadOnlySpan<byte> octets)
    {
        _fileLength = offset + octets.Length;
        if (_file is null)
            return;
        if (!_hasHead)
            WriteHead();
        TryWrite(offset, octets);                   // a block that could not be written is a hole: silence, the time after it stays right
    }

    private bool TryWrite(long offset, ReadOnlySpan<byte> octets)
    {
        _hash.AppendData(octets);
        try
        {
            _file!.Write(offset, octets);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _failed = true;
            return false;
        }
    }
}
