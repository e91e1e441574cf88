using CloudPbx.Contracts.Ids;

namespace CloudPbx.Blobs.Recordings;

/// <summary>Names in the folder where a media node writes recordings: <c>TENANT/RECORDING.part</c> while it is written, <c>.rec</c> once it may be uploaded.</summary>
public static class RecordingSpool
{
    /// <summary>Of a file that is being written.</summary>
    public const string Unfinished = ".part";

    /// <summary>Of a file that is finished.</summary>
    public const string Finished = ".rec";

    /// <summary>The file of a recording that is being written.</summary>
    /// <param name="folder">The node's folder.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="recording">Which.</param>
    public static string FileOf(string folder, TenantId tenant, RecordingId recording) => Path.Combine(folder, tenant.ToString(), recording + Unfinished);

    /// <summary>Gives a file its finished name.</summary>
    /// <param name="file">An unfinished one.</param>
    public static void Finish(string file) => File.Move(file, Path.ChangeExtension(file, Finished), overwrite: true);

    /// <summary>After a restart: what a node that was killed has left is as finished as it will ever be.</summary>
    /// <param name="folder">The node's folder.</param>
    /// <returns>How many there were.</returns>
    public static int Recover(string folder)
    {
        int recovered = 0;
        if (!Directory.Exists(folder))
            return 0;
        foreach (string file in Directory.EnumerateFiles(folder, "*" + Unfinished, SearchOption.AllDirectories))
        {
            Finish(file);
            recovered++;
        }
        return recovered;
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
