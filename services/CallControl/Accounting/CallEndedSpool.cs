using System.Text.Json;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.CallControl.Accounting;

/// <summary>Facts of ended calls on the local disk, one file each, named by call: what was appended survives the process.</summary>
/// <remarks>Not thread-safe per call; different calls may be handled at once.</remarks>
internal sealed class CallEndedSpool
{
    private const string Extension = ".json";
    private readonly string _folder;

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
        string path = PathOf(fact.CallId);
        string incomplete = path + ".part";
        using (FileStream file = File.Create(incomplete))
            JsonSerializer.Serialize(file, fact);
        File.Move(incomplete, path, overwrite: true);      // a reader never sees half a fact
    }

    /// <summary>Removes a confirmed fact; removing it twice does no harm.</summary>
    public void Remove(CallId call) => File.Delete(PathOf(call));

    /// <summary>All facts left by an earlier life of the process, oldest first. Files that cannot be read are set aside as <c>.bad</c>.</summary>
    public IEnumerable<CallEnded> ReadAll()
    {
        foreach (string path in Directory.EnumerateFiles(_folder, "*" + Extension).Order(StringComparer.Ordinal))   // UUIDv7: by time
            if (Read(path) is { } fact)
                yield return fact;
    }

    private static CallEnded? Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (JsonSerializer.Deserialize<CallEnded>(file) is { } fact)
                return fact;
        }
        catch (JsonException)
        {
            // Falls through: an older version's or a damaged file, kept for a person to look at.
        }
        File.Move(path, path + ".bad", overwrite: true);
        return null;
    }

    private string PathOf(CallId call) => Path.Combine(_folder, call + Extension);
}
