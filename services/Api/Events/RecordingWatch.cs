using System.Security.Cryptography;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Blobs.Storage;
using CloudPbx.Data.Recordings;

namespace CloudPbx.Api.Events;

/// <summary>
/// Looks for recordings that media nodes have brought to the object store, and writes <c>recording.ready</c>. Several of it at once write it once. Where a node could not say what it
/// wrote (it was killed, its disk was full), hash and length are those of what has come.
/// </summary>
internal sealed partial class RecordingWatch(RecordingArrivals arrivals, IBlobStore blobs, TimeProvider time, ILogger<RecordingWatch> logger) : BackgroundService
{
    private const int Newest = 100;
    private const int All = 10_000;
    private const int RoundsBetweenAll = 15;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_patience = TimeSpan.FromDays(7);                // a media node's disk was away for a week: it does not come any more

    /// <summary>Looks once.</summary>
    /// <param name="limit">At how many, the newest.</param>
    /// <param name="cancel">Stops it.</param>
    internal async Task LookAsync(int limit, CancellationToken cancel)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        foreach (AwaitedRecording awaited in await arrivals.ListAsync(now - s_patience, limit, cancel))
        {
            await using Stream? audio = await blobs.OpenAsync(BlobPath.Recording(awaited.TenantId, awaited.Id), cancel);
            if (audio is not null)
                await arrivals.CameAsync(awaited, await arrivals.LacksHashAsync(awaited, cancel) ? await MeasureAsync(audio, cancel) : null, now, cancel);
        }
    }

    /// <summary>Reads the whole of it: no key is needed for that.</summary>
    private static async Task<StoredAudio> MeasureAsync(Stream audio, CancellationToken cancel)
    {
        byte[] head = new byte[SealedAudio.HeadLength];
        int read = await audio.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancel);
        audio.Position = 0;
        byte[] hash = await SHA256.HashDataAsync(audio, cancel);
        SealedAudio? form = SealedAudio.Read(head.AsSpan(0, read));
        return new StoredAudio(audio.Length, Convert.ToHexStringLower(hash), form is null ? null : form.FramesOf(audio.Length) * 1000 / form.SampleRate);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_interval, time);
        try
        {
            for (int round = 0; await timer.WaitForNextTickAsync(stoppingToken); round++)
                await TryAsync(round % RoundsBetweenAll == 0, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // the process stops
        }
    }

    private async Task TryAsync(bool all, CancellationToken cancel)
    {
        try
        {
            if (all)
                await arrivals.ForgetAsync(time.GetUtcNow().UtcDateTime - s_patience, cancel);
            await LookAsync(all ? All : Newest, cancel);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogLater(fault.GetBaseException().Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Recordings are looked for later: {Fault}")]
    private partial void LogLater(string fault);
}
