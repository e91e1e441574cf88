using CloudPbx.Blobs.Recordings;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Ids;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CloudPbx.Blobs.Tests;

public sealed class RecordingUploaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cloudpbx-upload-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Finished_recordings_go_to_the_store_and_unfinished_ones_stay()
    {
        TenantId tenant = TenantId.New();
        RecordingId done = RecordingId.New(), running = RecordingId.New();
        foreach (RecordingId recording in new[] { done, running })
        {
            string file = RecordingSpool.FileOf(_folder, tenant, recording);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllBytesAsync(file, [1, 2, 3], Cancel);
        }
        RecordingSpool.Finish(RecordingSpool.FileOf(_folder, tenant, done));
        var store = new FolderBlobStore(Path.Combine(_folder, "blobs"));
        using RecordingUploader uploader = Uploader(store);
        Assert.True(await uploader.UploadAllAsync(Cancel));
        await using Stream? stored = await store.OpenAsync(BlobPath.Recording(tenant, done), Cancel);
        Assert.Equal(3, stored!.Length);
        Assert.Null(await store.OpenAsync(BlobPath.Recording(tenant, running), Cancel));
        Assert.Equal([RecordingSpool.FileOf(_folder, tenant, running)], Directory.GetFiles(Path.Combine(_folder, tenant.ToString())));
    }

    [Fact]
    public async Task Recordings_that_the_store_refuses_hold_up_no_other()
    {
        TenantId refused = TenantId.New();
        for (int i = 0; i < 6; i++)
        {
            string file = RecordingSpool.FileOf(_folder, i < 5 ? refused : TenantId.New(), RecordingId.New());
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllBytesAsync(file, [1], Cancel);
            RecordingSpool.Finish(file);
        }
        var store = new ParticularStore(new FolderBlobStore(Path.Combine(_folder, "blobs")), refused);
        using RecordingUploader uploader = Uploader(store);
        for (int pass = 0; pass < 3; pass++)
            Assert.False(await uploader.UploadAllAsync(Cancel));
        Assert.Equal(5, RecordingSpool.ListFinished(_folder).Count());
        Assert.All(RecordingSpool.ListFinished(_folder), left => Assert.Equal(refused, left.Tenant));
    }

    [Fact]
    public async Task While_the_store_is_away_recordings_wait_on_disk()
    {
        string file = RecordingSpool.FileOf(_folder, TenantId.New(), RecordingId.New());
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, [1], Cancel);
        RecordingSpool.Finish(file);
        string blocked = Path.Combine(_folder, "blocked");
        await File.WriteAllTextAsync(blocked, "", Cancel);
        using (RecordingUploader away = Uploader(new FolderBlobStore(blocked)))
            Assert.False(await away.UploadAllAsync(Cancel));
        using (RecordingUploader back = Uploader(new FolderBlobStore(Path.Combine(_folder, "blobs"))))
            Assert.True(await back.UploadAllAsync(Cancel));
        Assert.Empty(RecordingSpool.ListFinished(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A store that takes nothing of one tenant: an object that is refused again and again.</summary>
    private sealed class ParticularStore(IBlobStore store, TenantId refused) : IBlobStore
    {
        public Task PutAsync(BlobPath path, Stream content, CancellationToken cancel) =>
            path.ToString().Contains(refused.ToString(), StringComparison.Ordinal) ? throw new IOException("The store answered 403.") : store.PutAsync(path, content, cancel);

        public Task<Stream?> OpenAsync(BlobPath path, CancellationToken cancel) => store.OpenAsync(path, cancel);

        public Task DeleteAsync(BlobPath path, CancellationToken cancel) => store.DeleteAsync(path, cancel);

        public Task DeleteTenantAsync(TenantId tenant, CancellationToken cancel) => store.DeleteTenantAsync(tenant, cancel);
    }

    private RecordingUploader Uploader(IBlobStore store) => new(
        store, Options.Create(new RecordingUploadOptions { Folder = _folder }), TimeProvider.System, NullLogger<RecordingUploader>.Instance);
}
