using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Ids;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudPbx.Blobs.Recordings;

/// <summary>
/// Takes finished recordings from the node's disk to the object store. They are sealed already: it needs no key. A store that is away is asked again; until then they lie on disk.
/// What a tenant that is deleted has left there is removed.
/// </summary>
internal sealed partial class RecordingUploader(IBlobStore blobs, IOptions<RecordingUploadOptions> options, TimeProvider time, ILogger<RecordingUploader> logger) : BackgroundService
{
    private const int FailuresInTurn = 3;           // then it is the store, not the file

    private readonly string _folder = Path.GetFullPath(options.Value.Folder);
    private readonly HashSet<RecordingId> _refused = [];            // of the pass before

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            bool all = await UploadAllAsync(stoppingToken).ConfigureAwait(false);
            TimeSpan pause = all ? TimeSpan.FromMilliseconds(options.Value.IntervalMilliseconds) : TimeSpan.FromSeconds(options.Value.RetrySeconds);
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Uploads what is finished; one that is refused holds up no other.</summary>
    /// <returns>False when something has to be tried again.</returns>
    internal async Task<bool> UploadAllAsync(CancellationToken cancel)
    {
        int failures = 0;
        bool all = true;
        try
        {
            foreach ((string file, TenantId tenant, RecordingId recording) in RecordingSpool.ListFinished(_folder).OrderBy(finished => _refused.Contains(finished.Recording)))
            {
                bool stored = await TryUploadAsync(file, tenant, recording, cancel).ConfigureAwait(false);
                all &= stored;
                failures = stored ? 0 : failures + 1;
                if (failures == FailuresInTurn)
                    break;
            }
            return all;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(_folder, fault.Message);
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<bool> TryUploadAsync(string file, TenantId tenant, RecordingId recording, CancellationToken cancel)
    {
        try
        {
            if (await blobs.IsDeletedAsync(tenant, cancel).ConfigureAwait(false))
            {
                Remove(file, tenant, recording);
                return true;
            }
            long length;
            FileStream content = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, 81920, FileOptions.Asynchronous | FileOptions.SequentialScan);
            await using (content.ConfigureAwait(false))
            {
                length = content.Length;
                await blobs.PutAsync(BlobPath.Recording(tenant, recording), content, cancel).ConfigureAwait(false);
            }
            if (await blobs.IsDeletedAsync(tenant, cancel).ConfigureAwait(false))        // meanwhile, and perhaps before this object could be seen
            {
                await blobs.DeleteAsync(BlobPath.Recording(tenant, recording), cancel).ConfigureAwait(false);
                Remove(file, tenant, recording);
                return true;
            }
            File.Delete(file);
            _refused.Remove(recording);
            LogUploaded(recording, tenant, length);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _refused.Add(recording);
            LogFailed(recording, tenant, fault.Message, options.Value.RetrySeconds);
            return false;
        }
    }

    private void Remove(string file, TenantId tenant, RecordingId recording)
    {
        File.Delete(file);
        _refused.Remove(recording);
        LogRemoved(recording, tenant);
    }

    [LoggerMessage(LogLevel.Information, "Removed recording {RecordingId}: its tenant {TenantId} is deleted")]
    private partial void LogRemoved(RecordingId recordingId, TenantId tenantId);

    [LoggerMessage(LogLevel.Information, "Stored recording {RecordingId} of tenant {TenantId}: {Length} octets, sealed")]
    private partial void LogUploaded(RecordingId recordingId, TenantId tenantId, long length);

    [LoggerMessage(LogLevel.Warning, "Recording {RecordingId} of tenant {TenantId} waits on disk, the object store does not take it: {Reason}. Trying again in {Seconds} s.")]
    private partial void LogFailed(RecordingId recordingId, TenantId tenantId, string reason, int seconds);

    [LoggerMessage(LogLevel.Error, "Recordings cannot be read in {Folder}: {Reason}. Trying again; let this process read and delete there.")]
    private partial void LogUnreadable(string folder, string reason);
}
