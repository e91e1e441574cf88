using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.CallControl.Accounting;

/// <summary>Facts of ended calls on the local disk: appended to a segment, a line each, so that a call costs at most one write and no file of its own. Ladders are not written.
/// What was appended survives the process.</summary>
/// <remarks>
/// A segment goes when all its facts are confirmed. Until then confirmed facts stand in it too, and the next life of a process that died reads them once more:
/// consumers are idempotent. What is kept for later, and what an earlier life left, is read a segment at a time, so that it takes no memory before its turn. Thread-safe.
/// </remarks>
internal sealed class CallEndedSpool : IDisposable
{
    private const string Extension = ".json";
    private const string SetAside = ".unreadable";      // behind the name of a segment
    private const int EmptiedFrom = 64 * 1024;          // a segment whose facts are all confirmed is emptied at this length …
    private const int Longest = 4 * 1024 * 1024;        // … and left at this one, when they are not

    private readonly Lock _gate = new();                // held for one write
    private readonly ArrayBufferWriter<byte> _lines = new(4096);
    private readonly Dictionary<CallId, Segment> _unconfirmed = [];
    private readonly string _folder;
    private readonly Action<string, Exception>? _unreadable;
    private readonly Queue<string> _unread;             // paths of segments that nobody has in memory, the oldest first
    private Segment? _current;
    private Segment? _later;                            // the youngest of those, while it is written

    /// <summary>
    /// Opens the spool, making its folder if there is none. What an earlier life of the process left is the first that <see cref="ReadNext"/> finds; what that life set aside
    /// comes last, since what was in its way may be gone.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="unreadable">Told of a segment that cannot be read and was set aside: where it is now, and why.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public CallEndedSpool(string folder, Action<string, Exception>? unreadable = null)
    {
        _folder = folder;
        _unreadable = unreadable;
        Directory.CreateDirectory(folder);
        _unread = new([.. Segments(Extension), .. Segments(Extension + SetAside)]);

        IEnumerable<string> Segments(string end) => Directory.GetFiles(folder, "*" + end).Order(StringComparer.Ordinal);       // UUIDv7: by time
    }

    /// <summary>Whether there are facts that <see cref="ReadNext"/> would find.</summary>
    public bool HasUnread
    {
        get
        {
            lock (_gate)
                return _unread.Count > 0 || _later is not null;
        }
    }

    /// <summary>Writes facts, all of them or none. When this returns they survive a crash of the process (not of the machine: no fsync per call).</summary>
    /// <exception cref="IOException">The disk is full or away.</exception>
    public void Append(params IReadOnlyList<CallEnded> facts)
    {
        lock (_gate)
        {
            Write(facts, ref _current);
            foreach (CallEnded fact in facts)
                Expect(fact.CallId, _current);
        }
    }

    /// <summary>Writes a fact that the caller then forgets: <see cref="ReadNext"/> brings it back.</summary>
    /// <exception cref="IOException">The disk is full or away.</exception>
    public void AppendForLater(CallEnded fact)
    {
        lock (_gate)
            Write([fact], ref _later, full => _unread.Enqueue(full.Path));
    }

    /// <summary>Drops a confirmed fact; doing it twice does no harm.</summary>
    public void Remove(CallId call)
    {
        lock (_gate)
        {
            if (!_unconfirmed.Remove(call, out Segment? segment) || --segment.Unconfirmed > 0)
                return;
            if (segment != _current)
                segment.Delete();
            else if (segment.Length >= EmptiedFrom)
                segment.Empty();
        }
    }

    /// <summary>
    /// The facts of the oldest segment that nobody has in memory, oldest first. Lines that cannot be read are set aside in a <c>.bad</c> file. A segment that cannot be read is
    /// set aside itself, so that those behind it are not kept for ever; what could be read of it is not lost.
    /// </summary>
    /// <returns>Empty where there are none, or none that can be read; <see cref="HasUnread"/> tells.</returns>
    /// <exception cref="IOException">The disk is away, so that nothing can be set aside either; the same segment is next again.</exception>
    public IReadOnlyList<CallEnded> ReadNext()
    {
        List<CallEnded> facts = [];
        lock (_gate)
        {
            if (_unread.Count == 0 && _later is { } later)
            {
                later.Close();
                _later = null;
                _unread.Enqueue(later.Path);
            }
            if (_unread.TryPeek(out string? path))
            {
                if (File.Exists(path))                           // somebody may have taken it away
                    ReadOrSetAside(path, facts);
                _unread.Dequeue();
            }
        }
        return facts;
    }

    /// <summary>Closes the spool; what is confirmed leaves nothing behind.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _current?.Close();
            if (_current is { Unconfirmed: 0 })
                _current.Delete();
            _later?.Close();
            (_current, _later) = (null, null);
        }
    }

    /// <param name="facts">What is written.</param>
    /// <param name="segment">Where; a new one where that is full or there is none.</param>
    /// <param name="closed">Told of the segment that was full, before anything can fail.</param>
    private void Write(IReadOnlyList<CallEnded> facts, [NotNull] ref Segment? segment, Action<Segment>? closed = null)
    {
        _lines.ResetWrittenCount();
        using (Utf8JsonWriter json = new(_lines, CallSnapshotFormat.WriterOptions))
        {
            foreach (CallEnded fact in facts)
            {
                CallEndedText.PascalCase.Write(json, fact);
                json.Flush();
                json.Reset();
                _lines.Write("\n"u8);
            }
        }
        if (segment is { Length: >= Longest } full)
        {
            full.Close();
            segment = null;
            closed?.Invoke(full);
        }
        segment ??= new Segment(Path.Combine(_folder, Guid.CreateVersion7().ToString("N") + Extension));
        segment.Append(_lines.WrittenSpan);
    }

    private void ReadOrSetAside(string path, List<CallEnded> facts)
    {
        try
        {
            Read(path, facts);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string aside = path.EndsWith(SetAside, StringComparison.Ordinal) ? path : path + SetAside;
            File.Move(path, aside, overwrite: true);
            _unreadable?.Invoke(aside, e);
        }
    }

    private void Read(string path, List<CallEnded> facts)
    {
        Segment left = new(path, exists: true);
        foreach (string line in File.ReadLines(path))
        {
            if (line.Length == 0)
                continue;
            if (Parse(line) is { } fact)
            {
                Expect(fact.CallId, left);
                facts.Add(fact);
            }
            else
            {
                File.AppendAllLines(path + ".bad", [line]);      // an older version's or a damaged one, kept for a person to look at
            }
        }
        if (left.Unconfirmed == 0)
            left.Delete();
    }

    private static CallEnded? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<CallEnded>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Expect(CallId call, Segment segment)
    {
        if (_unconfirmed.Remove(call, out Segment? earlier))
            earlier.Unconfirmed--;
        _unconfirmed.Add(call, segment);
        segment.Unconfirmed++;
    }

    /// <summary>One file; the current one is open.</summary>
    private sealed class Segment(string path, bool exists = false)
    {
        private readonly FileStream? _file = exists ? null : new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

        public string Path => path;

        public long Length { get; private set; }

        public int Unconfirmed { get; set; }

        public void Append(ReadOnlySpan<byte> lines)
        {
            try
            {
                _file!.Write(lines);
                Length += lines.Length;
            }
            catch (IOException)
            {
                _file!.SetLength(Length);                        // half a line would spoil the next one
                _file.Position = Length;
                throw;
            }
        }

        public void Empty()
        {
            _file!.SetLength(0);
            _file.Position = Length = 0;
        }

        public void Close() => _file?.Dispose();

        public void Delete() => File.Delete(path);
    }
}
