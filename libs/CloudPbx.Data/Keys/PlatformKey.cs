using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace CloudPbx.Data.Keys;

/// <summary>The keys that wrap every tenant's data key.</summary>
public sealed class PlatformKey
{
    /// <summary>Length of each key in octets.</summary>
    public const int KeyLength = 32;

    private readonly IReadOnlyList<(uint Id, byte[] Key)> _keys;

    /// <summary>Takes the keys.</summary>
    /// <param name="keys">At least one, of 32 octets each; the first wraps.</param>
    public PlatformKey(IReadOnlyList<byte[]> keys)
    {
        ArgumentOutOfRangeException.ThrowIfZero(keys.Count);
        if (keys.Any(key => key.Length != KeyLength))
            throw new ArgumentException($"A platform key has {KeyLength} octets.", nameof(keys));
        _keys = [.. keys.Select(key => (IdOf(key), key))];
    }

    /// <summary>The key that wraps now, and its identifier.</summary>
    internal (uint Id, byte[] Key) Current => _keys[0];

    /// <summary>Reads the keys from their file, or makes the file.</summary>
    /// <param name="options">Where, and whether to make it.</param>
    /// <exception cref="IOException">There is no file, or it holds no keys; the message says what to do.</exception>
    public static PlatformKey Load(IOptions<PlatformKeyOptions> options)
    {
        string path = Path.GetFullPath(options.Value.Path);
        if (!File.Exists(path))
        {
            if (!options.Value.Create)
                throw new IOException($"There is no platform key at {path}. Mount the installation's key there, or set PlatformKey:Create for a new installation.");
            CreateFile(path);
        }
        List<byte[]> keys = [];
        foreach (string line in File.ReadLines(path).Select(l => l.Trim()).Where(l => l.Length > 0))
        {
            byte[] key = new byte[KeyLength];
            if (!Convert.TryFromBase64String(line, key, out int length) || length != KeyLength)
                throw new IOException($"{path} is not a platform key: each line must be {KeyLength} octets in Base64.");
            keys.Add(key);
        }
        return keys.Count > 0 ? new PlatformKey(keys) : throw new IOException($"{path} is empty. Restore the installation's platform key.");
    }

    /// <summary>Finds the key that wrapped something.</summary>
    /// <param name="id">Its identifier.</param>
    internal byte[]? Find(uint id) => _keys.FirstOrDefault(k => k.Id == id).Key;

    private static uint IdOf(byte[] key) => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. "cloudpbx platform key id"u8, .. key]));

    private static void CreateFile(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        string draft = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (StreamWriter writer = new(draft, options))
                writer.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyLength)));
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was faster; its key counts.
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
