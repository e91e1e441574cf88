using CloudPbx.Blobs.Recordings;
using Microsoft.Win32.SafeHandles;

namespace CloudPbx.Media.Recording;

/// <summary>A file on the node's own disk, mode 0600. What was written stays when this process is killed.</summary>
internal sealed class RecordingFile : IRecordingFile
{
    private readonly string _path;
    private readonly SafeFileHandle _handle;

    public RecordingFile(string path)
    {
        _path = path;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, FileOptions.None);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Write(long offset, ReadOnlySpan<byte> octets) => RandomAccess.Write(_handle, octets, offset);

    public void Finish()
    {
        RandomAccess.FlushToDisk(_handle);
        _handle.Dispose();
        RecordingSpool.Finish(_path);
    }

    public void Dispose() => _handle.Dispose();
}
