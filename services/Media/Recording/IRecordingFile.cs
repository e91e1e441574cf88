namespace CloudPbx.Media.Recording;

/// <summary>Where a recording's octets go: a file; in tests a disk that is full.</summary>
internal interface IRecordingFile : IDisposable
{
    /// <summary>Writes octets at a place.</summary>
    /// <exception cref="IOException">The disk does not take them.</exception>
    void Write(long offset, ReadOnlySpan<byte> octets);

    /// <summary>Nothing more comes: the file may be uploaded.</summary>
    void Finish();
}
