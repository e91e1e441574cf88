using CloudPbx.Contracts.Ids;
using Microsoft.Win32.SafeHandles;

namespace CloudPbx.Blobs.Recordings;

/// <summary>
/// Names in the folder where media nodes write recordings: <c>TENANT/RECORDING.part</c> while it is written, <c>.rec</c> once it may be uploaded. Who writes a file holds its lock,
/// which goes with the process: so a node that starts tells what a dead one has left from what another one is writing.
/// </summary>
public static class RecordingSpool
{
    /// <summary>Of a file that is being written.</summary>
    public const string Unfinished = ".part";

    /// <summary>Of a file that is finished.</summary>
    public const string Finished = ".rec";

    private const string New = ".new";

    /// <summary>The file of a recording that is being written.</summary>
    /// <param name="folder">The node's folder.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="recording">Which.</param>
    public static string FileOf(string folder, TenantId tenant, RecordingId recording) => Path.Combine(folder, tenant.ToString(), recording + Unfinished);

    /// <summary>Makes a file for one writer, mode 0600, and holds its lock.</summary>
    /// <param name="file">Of <see cref="FileOf"/>.</param>
    /// <returns>For writing; disposing of it gives the lock back.</returns>
    /// <exception cref="IOException">The disk does not take it, or there is one.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not ours.</exception>
    public static SafeFileHandle Create(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        string nameless = Path.ChangeExtension(file, New);          // nobody may find it before it is held
        SafeFileHandle handle = File.OpenHandle(nameless, FileMode.Create, FileAccess.Write, FileShare.None);      // an earlier try may have left it
        try
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.Move(nameless, file);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Gives a file its finished name.</summary>
    /// <param name="file">An unfinished one.</param>
    public static void Finish(string file) => File.Move(file, Path.ChangeExtension(file, Finished), overwrite: true);

    /// <summary>
    /// After a restart: what a node that was killed has left is as finished as it will ever be; what it had only begun to make, and written nothing to, is removed. What another one
    /// writes is left to it.
    /// </summary>
    /// <param name="folder">The nodes' folder.</param>
    /// <returns>How many recordings there were.</returns>
    public static int Recover(string folder)
    {
        int recovered = 0;
        if (!Directory.Exists(folder))
            return 0;
        foreach (string file in Directory.EnumerateFiles(folder, "*" + Unfinished, SearchOption.AllDirectories))
        {
            if (TryTakeUp(file, Finish))
                recovered++;
        }
        foreach (string file in Directory.EnumerateFiles(folder, "*" + New, SearchOption.AllDirectories))
            TryTakeUp(file, File.Delete);
        return recovered;
    }

    // Under its lock, so that of two nodes that start together one does it.
    private static bool TryTakeUp(string file, Action<string> act)
    {
        try
        {
            using SafeFileHandle handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.None);
            act(file);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The finished recordings.</summary>
    /// <param name="folder">The node's folder.</param>
    public static IEnumerable<(string File, TenantId Tenant, RecordingId Recording)> ListFinished(string folder)
    {
        if (!Directory.Exists(folder))
            yield break;
        foreach (string file in Directory.EnumerateFiles(folder, "*" + Finished, SearchOption.AllDirectories))
        {
            if (TenantId.TryParse(Path.GetFileName(Path.GetDirectoryName(file)), null, out TenantId tenant) && RecordingId.TryParse(Path.GetFileNameWithoutExtension(file), null, out RecordingId recording))
                yield return (file, tenant, recording);
        }
    }
}
