using CloudPbx.Audio.Wave;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Playback;

/// <summary>
/// The tenants' own sounds: fetched from the object store when one is to play for the first time, opened with the key that came with the command, and kept, those
/// that played last, up to a limit. A sound's name changes with its content, so nothing here is ever old.
/// </summary>
/// <remarks>Thread-safe, for control threads.</remarks>
/// <param name="blobs">Where they lie; null: nowhere, none can be played.</param>
/// <param name="most">Octets that are kept at most; a sound that plays is kept by its player.</param>
/// <param name="logger">Told of what cannot be had.</param>
internal sealed partial class OwnSounds(IBlobStore? blobs, long most, ILogger logger)
{
    private const long LongestWave = 64 + (DecodeLimits.MostSeconds * DecodeLimits.SampleRate * 2L);

    private readonly Lock _gate = new();                          // short; nothing waits inside
    private readonly Dictionary<(TenantId, RecordingId), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _used = new();             // the last used first
    private long _weight;

    /// <summary>Octets that are kept now.</summary>
    public long Weight
    {
        get
        {
            lock (_gate)
                return _weight;
        }
    }

    /// <summary>A sound, fetched once however many ask for it.</summary>
    /// <param name="sound">Which, and its key.</param>
    /// <returns>Null where it cannot be had; asked again, it is looked for again.</returns>
    public Task<OwnAudio?> LoadAsync(OwnSound sound)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue((sound.Tenant, sound.Audio), out LinkedListNode<Entry>? node))
            {
                _used.Remove(node);
                _used.AddFirst(node);
                return node.Value.Audio;
            }
            Entry entry = new(sound.Tenant, sound.Audio);
            node = _used.AddFirst(entry);
            _entries.Add((sound.Tenant, sound.Audio), node);
            return entry.Audio = Task.Run(() => FetchAndKeepAsync(sound, node));
        }
    }

    private async Task<OwnAudio?> FetchAndKeepAsync(OwnSound sound, LinkedListNode<Entry> node)
    {
        OwnAudio? audio = await FetchAsync(sound);
        lock (_gate)
        {
            if (audio is null)
            {
                Drop(node);
                return null;
            }
            node.Value.Weight = audio.Weight;
            _weight += audio.Weight;
            for (LinkedListNode<Entry>? last = _used.Last; _weight > most && last is not null && last != node;)
            {
                LinkedListNode<Entry>? before = last.Previous;
                if (last.Value.Weight > 0)                        // what is being fetched stays
                    Drop(last);
                last = before;
            }
        }
        return audio;
    }

    private void Drop(LinkedListNode<Entry> node)
    {
        _weight -= node.Value.Weight;
        _entries.Remove((node.Value.Tenant, node.Value.Name));
        _used.Remove(node);
    }

    private async Task<OwnAudio?> FetchAsync(OwnSound sound)
    {
        try
        {
            Stream? stored = blobs is null ? null : await blobs.OpenAsync(BlobPath.Prompt(sound.Tenant, sound.Audio), CancellationToken.None);
            if (stored is null)
            {
                LogMissing(sound.Audio, sound.Tenant, "it is not in the object store");
                return null;
            }
            await using RecordingWaveStream? wave = await RecordingWaveStream.OpenAsync(stored, sound.Key, CancellationToken.None);
            if (wave is null || wave.Length > LongestWave)
            {
                LogMissing(sound.Audio, sound.Tenant, "what lies there is no sealed sound");
                return null;
            }
            byte[] octets = new byte[wave.Length];
            await wave.ReadExactlyAsync(octets);
            return WaveFile.TryRead(octets, out WaveFile? file) == WaveParseError.None && file!.Channels == 1 ? new OwnAudio(file.Samples, file.SampleRate) : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogMissing(sound.Audio, sound.Tenant, fault.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Own sound {Audio} of tenant {TenantId} cannot be played, the built-in one is: {Reason}")]
    private partial void LogMissing(RecordingId audio, TenantId tenantId, string reason);

    private sealed class Entry(TenantId tenant, RecordingId name)
    {
        public TenantId Tenant => tenant;

        public RecordingId Name => name;

        public Task<OwnAudio?> Audio { get; set; } = Task.FromResult<OwnAudio?>(null);

        /// <summary>0 while it is being fetched.</summary>
        public long Weight { get; set; }
    }
}
