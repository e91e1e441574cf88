using System.Text.Json;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.CallControl.Accounting;

/// <summary>Facts of ended calls on the local disk: appended to a segment, a line each, so that a call costs one write and no file of its own.
/// What was appended survives the process.</summary>
/// <remarks>
/// A segment goes when all its facts are confirmed. Until then confirmed facts stand in it too, and the next life of a process that died reads them once more:
/// consumers are idempotent. Thread-safe.
/// </remarks>
internal sealed class CallEndedSpool : IDisposable
{
    private const string Extension = ".json";
    private const int EmptiedFrom = 64 * 1024;          // a segment whose facts are all confirmed is emptied at this length …
    private const int Longest = 4 * 1024 * 1024;        // … and left at this one, when they are not

    private readonly Lock _gate = new();                // held for one write
    private readonly Dictionary<CallId, Segment> _unconfirmed = [];
    private readonly string _folder;
    private Segment? _current;

    /// <summary>Opens the spool, making its folder if there is none.</summary>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public CallEndedSpool(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    /// <summary>Writes a fact. When this returns it survives a crash of the process (not of the machine: no fsync per call).</summary>
    /// <exception cref="IOException">The disk is full or away.</exception>
    public void Append(CallEnded fact)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(fact), (byte)'\n'];
        lock (_gate)
        {
            if (_current is not { Length: < Longest })
            {
                _current?.Close();
                _current = new Segment(Path.Combine(_folder, Guid.CreateVersion7().ToString("N") + Extension));
            }
            _current.Append(line);
            Expect(fact.CallId, _current);
        }
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

    /// <summary>All facts left by an earlier life of the process, oldest first. Lines that cannot be read are set aside in a <c>.bad</c> file.</summary>
    public IReadOnlyList<CallEnded> ReadAll()
    {
        List<CallEnded> facts = [];
        foreach (string path in Directory.GetFiles(_folder, "*" + Extension).Order(StringComparer.Ordinal))     // UUIDv7: by time
            lock (_gate)
                if (path != _current?.Path)
                    Read(path, facts);
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
            _current = null;
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

        public void Append(byte[] line)
        {
            _file!.Write(line);
            Length += line.Length;
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
