using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Ids;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudPbx.Blobs.Recordings;

/// <summary>Takes finished recordings from the node's disk to the object store. They are sealed already: it needs no key. A store that is away is asked again; until then they lie on disk.</summary>
internal sealed partial class RecordingUploader(IBlobStore blobs, IOptions<RecordingUploadOptions> options, TimeProvider time, ILogger<RecordingUploader> logger) : BackgroundService
{
    private readonly string _folder = Path.GetFullPath(options.Value.Folder);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            bool all = await UploadAllAsync(stoppingToken).ConfigureAwait(false);
            TimeSpan pause = all ? TimeSpan.FromMilliseconds(options.Value.IntervalMilliseconds) : TimeSpan.FromSeconds(options.Value.RetrySeconds);
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Uploads what is finished.</summary>
    /// <returns>False when something has to be tried again.</returns>
    internal async Task<bool> UploadAllAsync(CancellationToken cancel)
    {
        try
        {
            foreach ((string file, TenantId tenant, RecordingId recording) in RecordingSpool.ListFinished(_folder))
            {
                long length;
                FileStream content = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, 81920, FileOptions.Asynchronous | FileOptions.SequentialScan);
                await using (content.ConfigureAwait(false))
                {
                    length = content.Length;
                    await blobs.PutAsync(BlobPath.Recording(tenant, recording), content, cancel).ConfigureAwait(false);
                }
                File.Delete(file);
                LogUploaded(recording, tenant, length);
            }
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogFailed(fault.Message, options.Value.RetrySeconds);
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "Stored recording {RecordingId} of tenant {TenantId}: {Length} octets, sealed")]
    private partial void LogUploaded(RecordingId recordingId, TenantId tenantId, long length);

    [LoggerMessage(LogLevel.Warning, "Recordings wait on disk, the object store does not take them: {Reason}. Trying again in {Seconds} s.")]
    private partial void LogFailed(string reason, int seconds);
}
