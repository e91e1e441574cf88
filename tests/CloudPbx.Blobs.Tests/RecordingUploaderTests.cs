using System.Security.Cryptography;
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

    [Fact]
    public async Task While_an_S3_store_is_away_recordings_wait_and_all_of_them_come_when_it_is_back()
    {
        await using S3Stub stub = await S3Stub.StartAsync();
        using var store = new S3BlobStore(new S3Options { Bucket = "bucket", Endpoint = stub.Endpoint, AccessKey = "key" }, "secret");
        Dictionary<string, byte[]> all = [];
        for (int i = 0; i < 5; i++)
        {
            (TenantId tenant, RecordingId recording, byte[] content) = (TenantId.New(), RecordingId.New(), RandomNumberGenerator.GetBytes(10_000 + i));
            await WaitingAsync(tenant, recording, content);
            all.Add(BlobPath.Recording(tenant, recording).ToString(), content);
        }
        stub.IsAway = true;
        using RecordingUploader uploader = Uploader(store, retrySeconds: 1);
        await uploader.StartAsync(Cancel);
        await stub.Refused.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.Equal(5, RecordingSpool.ListFinished(_folder).Count());
        Assert.Empty(stub.Objects);
        stub.IsAway = false;
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (RecordingSpool.ListFinished(_folder).Any())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        await uploader.StopAsync(Cancel);
        Assert.Equal(all.OrderBy(one => one.Key), stub.Objects.OrderBy(one => one.Key), (expected, found) => expected.Key == found.Key && expected.Value.AsSpan().SequenceEqual(found.Value));
    }

    [Fact]
    public async Task What_waits_of_a_deleted_tenant_is_removed_and_never_stored()
    {
        (TenantId deleted, TenantId other) = (TenantId.New(), TenantId.New());
        (RecordingId first, RecordingId second, RecordingId others) = (RecordingId.New(), RecordingId.New(), RecordingId.New());
        var store = new FolderBlobStore(Path.Combine(_folder, "blobs"));
        await WaitingAsync(deleted, first, [1]);
        await WaitingAsync(other, others, [2]);
        await store.DeleteTenantAsync(deleted, Cancel);
        using RecordingUploader uploader = Uploader(store);
        Assert.True(await uploader.UploadAllAsync(Cancel));
        await WaitingAsync(deleted, second, [3]);               // its call was still going on
        Assert.True(await uploader.UploadAllAsync(Cancel));
        Assert.Empty(RecordingSpool.ListFinished(_folder));
        foreach (RecordingId recording in new[] { first, second })
            Assert.Null(await store.OpenAsync(BlobPath.Recording(deleted, recording), Cancel));
        await using Stream? kept = await store.OpenAsync(BlobPath.Recording(other, others), Cancel);
        Assert.NotNull(kept);
    }

    [Fact]
    public async Task A_tenant_that_is_deleted_while_its_recording_is_stored_leaves_nothing()
    {
        (TenantId tenant, RecordingId recording) = (TenantId.New(), RecordingId.New());
        await WaitingAsync(tenant, recording, [1]);
        var folder = new FolderBlobStore(Path.Combine(_folder, "blobs"));
        using RecordingUploader uploader = Uploader(new DeletingStore(folder));
        Assert.True(await uploader.UploadAllAsync(Cancel));
        Assert.Null(await folder.OpenAsync(BlobPath.Recording(tenant, recording), Cancel));
        Assert.Empty(RecordingSpool.ListFinished(_folder));
    }

    [Fact]
    public async Task What_a_node_that_was_killed_had_only_begun_to_make_is_removed_at_the_next_start()
    {
        TenantId tenant = TenantId.New();
        RecordingId half = RecordingId.New(), dead = RecordingId.New(), alive = RecordingId.New();
        string unnamed = Path.ChangeExtension(RecordingSpool.FileOf(_folder, tenant, half), ".new"), held = Path.ChangeExtension(RecordingSpool.FileOf(_folder, tenant, alive), ".new");
        Directory.CreateDirectory(Path.GetDirectoryName(unnamed)!);
        await File.WriteAllBytesAsync(unnamed, [], Cancel);
        RecordingSpool.Create(RecordingSpool.FileOf(_folder, tenant, dead)).Dispose();
        using (File.OpenHandle(held, FileMode.Create, FileAccess.Write, FileShare.None))        // of another node, this moment
        {
            Assert.Equal(1, RecordingSpool.Recover(_folder));
            Assert.False(File.Exists(unnamed));
            Assert.True(File.Exists(held));
        }
        Assert.Equal(0, RecordingSpool.Recover(_folder));
        Assert.False(File.Exists(held));
        Assert.Equal(dead, Assert.Single(RecordingSpool.ListFinished(_folder)).Recording);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task WaitingAsync(TenantId tenant, RecordingId recording, byte[] content)
    {
        string file = RecordingSpool.FileOf(_folder, tenant, recording);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, content, Cancel);
        RecordingSpool.Finish(file);
    }

    /// <summary>A store in which the tenant is deleted right before its object is there.</summary>
    private sealed class DeletingStore(IBlobStore store) : IBlobStore
    {
        public async Task PutAsync(BlobPath path, Stream content, CancellationToken cancel)
        {
            await store.DeleteTenantAsync(path.Tenant, cancel);
            await store.PutAsync(path, content, cancel);
        }

        public Task<Stream?> OpenAsync(BlobPath path, CancellationToken cancel) => store.OpenAsync(path, cancel);

        public Task DeleteAsync(BlobPath path, CancellationToken cancel) => store.DeleteAsync(path, cancel);

        public Task DeleteTenantAsync(TenantId tenant, CancellationToken cancel) => store.DeleteTenantAsync(tenant, cancel);

        public Task<bool> IsDeletedAsync(TenantId tenant, CancellationToken cancel) => store.IsDeletedAsync(tenant, cancel);
    }

    /// <summary>A store that takes nothing of one tenant: an object that is refused again and again.</summary>
    private sealed class ParticularStore(IBlobStore store, TenantId refused) : IBlobStore
    {
        public Task PutAsync(BlobPath path, Stream content, CancellationToken cancel) =>
            path.ToString().Contains(refused.ToString(), StringComparison.Ordinal) ? throw new IOException("The store answered 403.") : store.PutAsync(path, content, cancel);

        public Task<Stream?> OpenAsync(BlobPath path, CancellationToken cancel) => store.OpenAsync(path, cancel);

        public Task DeleteAsync(BlobPath path, CancellationToken cancel) => store.DeleteAsync(path, cancel);

        public Task DeleteTenantAsync(TenantId tenant, CancellationToken cancel) => store.DeleteTenantAsync(tenant, cancel);

        public Task<bool> IsDeletedAsync(TenantId tenant, CancellationToken cancel) => store.IsDeletedAsync(tenant, cancel);
    }

    private RecordingUploader Uploader(IBlobStore store, int retrySeconds = 30) => new(
        store, Options.Create(new RecordingUploadOptions { Folder = _folder, RetrySeconds = retrySeconds }), TimeProvider.System, NullLogger<RecordingUploader>.Instance);
}
