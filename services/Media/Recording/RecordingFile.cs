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
        _handle = RecordingSpool.Create(path);
    }

    public void Write(long offset, ReadOnlySpan<byte> octets) => RandomAccess.Write(_handle, octets, offset);

    public void Finish()
    {
        try
        {
            RandomAccess.FlushToDisk(_handle);
        }
        finally
        {
            RecordingSpool.Finish(_path);           // while it is held still: what a failing disk has of it is played, too
            _handle.Dispose();
        }
    }

    public void Dispose() => _handle.Dispose();
}
