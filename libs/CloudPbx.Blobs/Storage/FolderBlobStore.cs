using CloudPbx.Contracts.Ids;

namespace CloudPbx.Blobs.Storage;

/// <summary>Objects as files below a folder, mode 0600.</summary>
public sealed class FolderBlobStore : IBlobStore
{
    private readonly string _root;

    /// <summary>Takes the folder; it is made when something is put there.</summary>
    /// <param name="folder">Which.</param>
    public FolderBlobStore(string folder) => _root = Path.GetFullPath(folder);

    /// <inheritdoc/>
    public async Task PutAsync(BlobPath path, Stream content, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(content);
        string file = FileOf(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        string draft = $"{file}.{Guid.NewGuid():N}";
        try
        {
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous, PreallocationSize = content.Length - content.Position };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            FileStream to = new(draft, options);
            await using (to.ConfigureAwait(false))
            {
                await content.CopyToAsync(to, cancel).ConfigureAwait(false);
                to.Flush(flushToDisk: true);
            }
            File.Move(draft, file, overwrite: true);
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new IOException($"May not write to {_root}: {fault.Message}", fault);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(BlobPath path, CancellationToken cancel)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(FileOf(path), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 4096, FileOptions.Asynchronous));
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(BlobPath path, CancellationToken cancel)
    {
        string file = FileOf(path);
        if (Directory.Exists(Path.GetDirectoryName(file)))
            File.Delete(file);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task DeleteTenantAsync(TenantId tenant, CancellationToken cancel)
    {
        try
        {
            Directory.CreateDirectory(Path.Combine(_root, BlobPath.Graves));
            File.Create(Path.Combine(_root, BlobPath.Grave(tenant))).Dispose();      // first: what comes after it is found by whoever brought it
            Directory.Delete(Path.Combine(_root, tenant.ToString()), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was ever put there.
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> IsDeletedAsync(TenantId tenant, CancellationToken cancel) => Task.FromResult(File.Exists(Path.Combine(_root, BlobPath.Grave(tenant))));

    private string FileOf(BlobPath path) => Path.Combine(_root, path.Tenant.ToString(), path.Name);
}
