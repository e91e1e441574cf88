using System.Security.Cryptography;
using System.Threading.Channels;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Ids;
using CloudPbx.TestKit.Stores;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Blobs.Tests;

public sealed class FolderBlobStoreTests : BlobStoreTests, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cloudpbx-blobs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Others_of_the_machine_cannot_read_a_file()
    {
        TenantId tenant = TenantId.New();
        await Store().PutAsync(new BlobPath(tenant, "recordings/x"), new MemoryStream(new byte[9]), Cancel);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, tenant.ToString(), "recordings", "x")));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_an_IOException_that_says_so()
    {
        string file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "", Cancel);
        await Assert.ThrowsAnyAsync<IOException>(() => new FolderBlobStore(file).PutAsync(new BlobPath(TenantId.New(), "x"), new MemoryStream([1]), Cancel));
    }

    protected override IBlobStore Store() => new FolderBlobStore(_folder);
}

public sealed class S3BlobStoreTests : BlobStoreTests, IAsyncLifetime
{
    private S3Stub _stub = null!;
    private S3BlobStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _stub = await S3Stub.StartAsync();
        _store = new S3BlobStore(new S3Options { Bucket = "bucket", Endpoint = _stub.Endpoint, AccessKey = "key" }, "secret");
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _stub.DisposeAsync();
    }

    [Fact]
    public async Task Reading_on_asks_the_store_once_and_a_jump_once_more()
    {
        BlobPath path = new(TenantId.New(), "recordings/x");
        await _store.PutAsync(path, new MemoryStream(RandomNumberGenerator.GetBytes(100_000)), Cancel);
        await using Stream stream = (await _store.OpenAsync(path, Cancel))!;
        byte[] buffer = new byte[30_000];
        await stream.ReadExactlyAsync(buffer, Cancel);
        await stream.ReadExactlyAsync(buffer, Cancel);
        Assert.Equal(1, _stub.Gets);
        stream.Position = 10;
        await stream.ReadExactlyAsync(buffer, Cancel);
        Assert.Equal(2, _stub.Gets);
    }

    [Fact]
    public async Task A_store_that_is_away_is_an_IOException()
    {
        _stub.IsAway = true;
        using var impatient = new S3BlobStore(new S3Options { Bucket = "bucket", Endpoint = "http://127.0.0.1:9", AccessKey = "key" }, "secret");
        await Assert.ThrowsAnyAsync<IOException>(() => _store.PutAsync(new BlobPath(TenantId.New(), "x"), new MemoryStream([1]), Cancel));
        await Assert.ThrowsAnyAsync<IOException>(() => impatient.OpenAsync(new BlobPath(TenantId.New(), "x"), Cancel));
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("HEAD")]
    [InlineData("DELETE")]
    [InlineData("GET")]                                           // in the midst of an object
    public async Task A_store_that_hangs_is_an_IOException_and_one_that_goes_on_is_used(string method)
    {
        using S3BlobStore store = new(new S3Options { Bucket = "bucket", Endpoint = _stub.Endpoint, AccessKey = "key", SilenceSeconds = 1 }, "secret");
        BlobPath path = new(TenantId.New(), "recordings/x");
        byte[] content = RandomNumberGenerator.GetBytes(100_000);
        await store.PutAsync(path, new MemoryStream(content), Cancel);
        _stub.Hangs = method;
        IOException fault = await Assert.ThrowsAnyAsync<IOException>(() => AskAsync(Cancel));
        Assert.Contains("hangs", fault.Message, StringComparison.Ordinal);
        using CancellationTokenSource leaves = new();
        Task asking = AskAsync(leaves.Token);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);                      // who asks no more is no fault of the store's
        _stub.Hangs = null;
        await AskAsync(Cancel);

        Task AskAsync(CancellationToken cancel) => method switch
        {
            "PUT" => store.PutAsync(path, new MemoryStream(content), cancel),
            "DELETE" => store.DeleteAsync(new BlobPath(path.Tenant, "recordings/y"), cancel),
            "HEAD" => store.IsDeletedAsync(path.Tenant, cancel),
            _ => ReadAsync(cancel),
        };

        async Task ReadAsync(CancellationToken cancel)
        {
            await using Stream stream = (await store.OpenAsync(path, cancel))!;
            byte[] read = new byte[content.Length];
            await stream.ReadExactlyAsync(read, cancel);
            Assert.Equal(content, read);
        }
    }

    [Fact]
    public async Task A_store_that_took_the_whole_of_an_object_has_longer_to_bring_it_on()
    {
        FakeTimeProvider time = new();
        using S3BlobStore store = Patient(time);
        BlobPath path = new(TenantId.New(), "recordings/x");
        byte[] content = new byte[20_000_000];
        _stub.Asked = Channel.CreateUnbounded<TaskCompletionSource<int>>();

        Task putting = store.PutAsync(path, new MemoryStream(content), Cancel);
        TaskCompletionSource<int> answer = await AskedAsync();
        time.Advance(TimeSpan.FromSeconds(49));                     // 30, and one for each of its millions of octets
        answer.SetResult(200);
        await putting;
        Assert.Equal(content.Length, _stub.Objects.Single().Value.Length);

        putting = store.PutAsync(path, new MemoryStream(content), Cancel);
        await AskedAsync();
        time.Advance(TimeSpan.FromSeconds(51));
        IOException fault = await Assert.ThrowsAnyAsync<IOException>(() => putting);
        Assert.Contains("hangs: nothing came of it for 50 s", fault.Message, StringComparison.Ordinal);

        putting = store.PutAsync(path, new MemoryStream(new byte[1000]), Cancel);
        await AskedAsync();
        time.Advance(TimeSpan.FromSeconds(31));                     // a small one has not
        await Assert.ThrowsAnyAsync<IOException>(() => putting);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("HEAD")]
    [InlineData("DELETE")]
    [InlineData("GET")]
    public async Task Each_attempt_has_the_whole_patience(string method)
    {
        FakeTimeProvider time = new();
        using S3BlobStore store = Patient(time);
        BlobPath path = new(TenantId.New(), "recordings/x");
        await store.PutAsync(path, new MemoryStream([1]), Cancel);
        await using Stream stream = (await store.OpenAsync(path, Cancel))!;
        _stub.Asked = Channel.CreateUnbounded<TaskCompletionSource<int>>();

        Task asking = AskAsync();
        foreach (int status in new[] { 503, 503, 200 })
        {
            TaskCompletionSource<int> answer = await AskedAsync();
            time.Advance(TimeSpan.FromSeconds(20));
            answer.SetResult(status);
        }
        await asking;

        stream.Position = 0;
        asking = AskAsync();
        await AskedAsync();
        time.Advance(TimeSpan.FromSeconds(31));
        await Assert.ThrowsAnyAsync<IOException>(() => asking);
        Assert.False(_stub.Asked.Reader.TryRead(out _));            // one that hangs is not asked again

        Task AskAsync() => method switch
        {
            "PUT" => store.PutAsync(path, new MemoryStream([1]), Cancel),
            "DELETE" => store.DeleteAsync(new BlobPath(path.Tenant, "recordings/y"), Cancel),
            "HEAD" => store.IsDeletedAsync(path.Tenant, Cancel),
            _ => stream.ReadAsync(new byte[1], Cancel).AsTask(),
        };
    }

    [Fact]
    public async Task A_read_that_hung_is_asked_anew_by_the_next_one()
    {
        using S3BlobStore store = new(new S3Options { Bucket = "bucket", Endpoint = _stub.Endpoint, AccessKey = "key", SilenceSeconds = 2 }, "secret");
        BlobPath path = new(TenantId.New(), "recordings/x");
        byte[] content = RandomNumberGenerator.GetBytes(100_000), read = new byte[content.Length];
        await store.PutAsync(path, new MemoryStream(content), Cancel);
        await using Stream stream = (await store.OpenAsync(path, Cancel))!;
        _stub.Hangs = "GET";
        await Assert.ThrowsAnyAsync<IOException>(() => stream.ReadExactlyAsync(read, Cancel).AsTask());
        _stub.Hangs = null;
        int at = (int)stream.Position;
        Assert.InRange(at, 1, content.Length - 1);
        await stream.ReadExactlyAsync(read.AsMemory(at), Cancel);
        Assert.Equal(content, read);
        Assert.Equal(2, _stub.Gets);
    }

    protected override IBlobStore Store() => _store;

    private Task<TaskCompletionSource<int>> AskedAsync() => _stub.Asked!.Reader.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel);

    private S3BlobStore Patient(TimeProvider time) => new(new S3Options { Bucket = "bucket", Endpoint = _stub.Endpoint, AccessKey = "key" }, "secret", time);
}

/// <summary>The same against a store that we did not write.</summary>
public sealed class SwiftBlobStoreTests : BlobStoreTests, IAsyncLifetime
{
    private ObjectStore _swift = null!;
    private S3BlobStore? _store;

    public async ValueTask InitializeAsync()
    {
        _swift = await ObjectStore.StartAsync(Cancel);
        _store = new S3BlobStore(OptionsOf(_swift), _swift.Secret);
    }

    public async ValueTask DisposeAsync()
    {
        _store?.Dispose();
        if (_swift is not null)
            await _swift.DisposeAsync();
    }

    [Fact]
    public async Task Who_has_another_key_gets_nothing()
    {
        BlobPath path = new(TenantId.New(), "recordings/x");
        await Store().PutAsync(path, new MemoryStream([1]), Cancel);
        using S3BlobStore stranger = new(OptionsOf(_swift), "another");
        await Assert.ThrowsAnyAsync<IOException>(() => stranger.OpenAsync(path, Cancel));
        await Assert.ThrowsAnyAsync<IOException>(() => stranger.PutAsync(path, new MemoryStream([2]), Cancel));
    }

    [Fact]
    public async Task A_large_object_comes_back_whole()
    {
        BlobPath path = BlobPath.Recording(TenantId.New(), RecordingId.New());
        byte[] content = RandomNumberGenerator.GetBytes(20_000_000);                                // 20 minutes
        await Store().PutAsync(path, new MemoryStream(content), Cancel);
        await using Stream stream = (await Store().OpenAsync(path, Cancel))!;
        byte[] read = new byte[content.Length];
        await stream.ReadExactlyAsync(read, Cancel);
        Assert.True(content.AsSpan().SequenceEqual(read));
    }

    [Fact]
    public async Task A_store_that_died_is_an_IOException_and_one_that_is_back_is_used()
    {
        BlobPath path = new(TenantId.New(), "recordings/x");
        await _swift.KillAsync(Cancel);
        await Assert.ThrowsAnyAsync<IOException>(() => Store().PutAsync(path, new MemoryStream([1]), Cancel));
        await Assert.ThrowsAnyAsync<IOException>(() => Store().OpenAsync(path, Cancel));
        await _swift.BeginAsync(Cancel);
        await Store().PutAsync(path, new MemoryStream([1]), Cancel);
        Assert.NotNull(await Store().OpenAsync(path, Cancel));
    }

    protected override IBlobStore Store() => _store!;

    private static S3Options OptionsOf(ObjectStore store) => new() { Bucket = ObjectStore.Bucket, Endpoint = store.Endpoint, AccessKey = ObjectStore.AccessKey };
}

/// <summary>What holds for every store.</summary>
public abstract class BlobStoreTests
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_put_is_read_from_anywhere()
    {
        BlobPath path = BlobPath.Recording(TenantId.New(), RecordingId.New());
        byte[] content = RandomNumberGenerator.GetBytes(100_000);
        await Store().PutAsync(path, new MemoryStream(content), Cancel);
        await using Stream stream = (await Store().OpenAsync(path, Cancel))!;
        Assert.Equal(content.Length, stream.Length);
        foreach (int at in new[] { 0, 70_000, 99_999, 12 })
        {
            stream.Position = at;
            byte[] read = new byte[Math.Min(1000, content.Length - at)];
            await stream.ReadExactlyAsync(read, Cancel);
            Assert.Equal(content[at..(at + read.Length)], read);
        }
    }

    [Fact]
    public async Task A_later_object_takes_the_place_of_an_earlier_one()
    {
        BlobPath path = new(TenantId.New(), "recordings/x");
        await Store().PutAsync(path, new MemoryStream([1, 2, 3]), Cancel);
        await Store().PutAsync(path, new MemoryStream([4]), Cancel);
        await using Stream stream = (await Store().OpenAsync(path, Cancel))!;
        Assert.Equal((1, 4), (stream.Length, await ReadByteAsync(stream)));
    }

    [Fact]
    public async Task What_is_not_there_is_null_and_may_be_deleted()
    {
        BlobPath path = new(TenantId.New(), "recordings/x");
        Assert.Null(await Store().OpenAsync(path, Cancel));
        await Store().DeleteAsync(path, Cancel);
        await Store().DeleteTenantAsync(path.Tenant, Cancel);
    }

    [Fact]
    public async Task A_tenants_objects_go_together_and_anothers_stay()
    {
        TenantId mine = TenantId.New(), other = TenantId.New();
        for (int i = 0; i < 5; i++)
            await Store().PutAsync(new BlobPath(mine, $"recordings/{i}"), new MemoryStream([1]), Cancel);
        await Store().PutAsync(new BlobPath(other, "recordings/0"), new MemoryStream([2]), Cancel);
        Assert.False(await Store().IsDeletedAsync(mine, Cancel));
        await Store().DeleteTenantAsync(mine, Cancel);
        Assert.Equal((true, false), (await Store().IsDeletedAsync(mine, Cancel), await Store().IsDeletedAsync(other, Cancel)));     // who brings something later can know
        for (int i = 0; i < 5; i++)
            Assert.Null(await Store().OpenAsync(new BlobPath(mine, $"recordings/{i}"), Cancel));
        await using Stream stream = (await Store().OpenAsync(new BlobPath(other, "recordings/0"), Cancel))!;
        Assert.Equal(2, await ReadByteAsync(stream));
    }

    protected abstract IBlobStore Store();

    private static async Task<int> ReadByteAsync(Stream stream)
    {
        byte[] octet = new byte[1];
        await stream.ReadExactlyAsync(octet, Cancel);
        return octet[0];
    }
}
