namespace CloudPbx.AllInOne.Certificates;

/// <summary>Writes PEM files so that a reader never sees half of one: a new file takes the old one's name.</summary>
internal static class PemFiles
{
    /// <summary>Writes a file that everybody may read.</summary>
    public static void Write(string path, string pem) =>
        Replace(path, pem, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

    /// <summary>Writes a file that only its owner may read (mode 0600 from its first instant).</summary>
    public static void WriteSecret(string path, string pem) => Replace(path, pem, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    private static void Replace(string path, string pem, UnixFileMode mode)
    {
        string fresh = path + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode };
        using (var writer = new StreamWriter(fresh, options))
        {
            writer.Write(pem);
            if (!pem.EndsWith('\n')) writer.Write('\n');
        }
        File.Move(fresh, path, overwrite: true);
    }
}
