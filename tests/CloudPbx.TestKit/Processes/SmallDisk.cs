using Xunit;

namespace CloudPbx.TestKit.Processes;

/// <summary>A disk of a few octets, in memory, in the place of a folder. Needs root.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private const string Filler = "filler";
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    /// <summary>Mounts one; skips the test where this user cannot.</summary>
    /// <param name="folder">The folder, which is made where there is none.</param>
    /// <param name="kibibytes">How much it holds.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<SmallDisk> MountAsync(string folder, int kibibytes, CancellationToken cancel)
    {
        Assert.SkipUnless(Environment.UserName == "root", "mounting a disk needs root");
        Directory.CreateDirectory(folder);
        (int code, string output) = await ChildProcess.RunAsync(["mount", "-t", "tmpfs", "-o", $"size={kibibytes}k,mode=0700", "tmpfs", folder], "/", cancel: cancel);
        Assert.SkipUnless(code == 0, $"this machine does not let mount: {output}");      // a container without CAP_SYS_ADMIN
        return new SmallDisk(folder);
    }

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        byte[] page = new byte[4096];
        using FileStream file = new(Path.Combine(_folder, Filler), FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        try
        {
            while (true) file.Write(page);
        }
        catch (IOException)
        {
            // full
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Clear() => File.Delete(Path.Combine(_folder, Filler));

    /// <summary>Lets nobody write to it, or lets them again.</summary>
    public async Task SetReadOnlyAsync(bool isReadOnly, CancellationToken cancel)
    {
        (int code, string output) = await ChildProcess.RunAsync(["mount", "-o", isReadOnly ? "remount,ro" : "remount,rw", _folder], "/", cancel: cancel);
        Assert.True(code == 0, output);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await ChildProcess.RunAsync(["umount", "-l", _folder], "/");
}
