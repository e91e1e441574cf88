using System.Security.Cryptography;

namespace CloudPbx.Hosting;

/// <summary>A small file that only its owner may read: the operator token, the platform key.</summary>
public static class SecretFile
{
    /// <summary>Reads the file; where it does not exist, first creates it with mode 0600 and what <paramref name="create"/> gives.</summary>
    /// <param name="path">Where; its folder is created with mode 0700 where it is missing.</param>
    /// <param name="create">Makes the content.</param>
    /// <returns>The content without surrounding white space.</returns>
    /// <exception cref="IOException">It can be neither read nor written.</exception>
    /// <remarks>Two processes that start at once end up with the same content: the file appears whole, under its name, once.</remarks>
    public static string ReadOrCreate(string path, Func<string> create)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path))
            Create(path, create());
        return File.ReadAllText(path).Trim();
    }

    private static void Create(string path, string content)
    {
        string folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        string draft = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (StreamWriter writer = new(draft, options))
                writer.WriteLine(content);
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Somebody else was faster; theirs counts.
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
