namespace CloudPbx.AllInOne.Embedded;

/// <summary>
/// A folder for the Unix sockets of one run, mode 0700: who may not open it reaches neither the media node nor the API there. It lies in the
/// temporary folder since a socket's path has 107 octets at most and a data folder's may be long.
/// </summary>
internal sealed class SocketFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cloudpbx-");     // 0700 by the runtime

    /// <summary>The media node's control socket.</summary>
    public string Media => Path.Combine(_folder.FullName, "media-control");

    /// <summary>The media node's socket for health and metrics.</summary>
    public string MediaManagement => Path.Combine(_folder.FullName, "media-management");

    /// <summary>The REST API's socket for the commands.</summary>
    public string Api => Path.Combine(_folder.FullName, "api");

    /// <summary>The health page's socket of a process that is no Api.</summary>
    public string Of(string process) => Path.Combine(_folder.FullName, process);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // somebody else cleaned up the temporary folder
        }
    }
}
