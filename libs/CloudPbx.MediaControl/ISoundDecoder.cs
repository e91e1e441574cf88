namespace CloudPbx.MediaControl;

/// <summary>Has what strangers upload decoded by a media node: whoever asks opens no file himself (SECURITY.md S26).</summary>
public interface ISoundDecoder
{
    /// <summary>Decodes a WAV file of any rate.</summary>
    /// <param name="wave">The file, read to its end.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>The sound, or why there is none. A node that is away is a result.</returns>
    Task<DecodedSound> DecodeAsync(ReadOnlyMemory<byte> wave, CancellationToken cancel);
}
