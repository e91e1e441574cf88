using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CloudPbx.Blobs.Recordings;

/// <summary>A sealed recording as a WAV file (PCM, 16 bit) that can be read from anywhere: blocks are opened as they are needed, nothing lies in clear on disk.</summary>
/// <remarks>Owns the sealed stream. Blocks that are missing or torn are silence; the length is kept.</remarks>
public sealed class RecordingWaveStream : Stream
{
    private const int WaveHeadLength = 44;

    private readonly Stream _sealed;
    private readonly SealedAudio _form;
    private readonly AesGcm _cipher;
    private readonly byte[] _block, _clear, _samples;
    private readonly byte[] _head = new byte[WaveHeadLength];
    private long _opened = -1;
    private int _openedLength;

    private RecordingWaveStream(Stream sealedAudio, SealedAudio form, ReadOnlySpan<byte> key)
    {
        (_sealed, _form) = (sealedAudio, form);
        _cipher = new AesGcm(key, SealedAudio.TagLength);
        _block = new byte[form.SealedBlockLength];
        _clear = new byte[form.BlockLength];
        _samples = new byte[form.BlockFrames * form.FrameLength];
        Length = WaveHeadLength + (form.FramesOf(sealedAudio.Length) * form.FrameLength);
        WriteHead();
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override long Position { get; set; }

    /// <summary>Opens a recording.</summary>
    /// <param name="sealedAudio">What the store gave; can seek.</param>
    /// <param name="key">The recording's key.</param>
    /// <param name="cancel">Stops the opening.</param>
    /// <returns>The WAV file, or null where it is no recording; then the stream is closed.</returns>
    public static async Task<RecordingWaveStream?> OpenAsync(Stream sealedAudio, ReadOnlyMemory<byte> key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(sealedAudio);
        byte[] head = new byte[SealedAudio.HeadLength];
        int read = await sealedAudio.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        if (read == head.Length && key.Length == SealedAudio.KeyLength && SealedAudio.Read(head) is { } form)
            return new RecordingWaveStream(sealedAudio, form, key.Span);
        await sealedAudio.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || Position >= Length)
            return 0;
        int given;
        if (Position < WaveHeadLength)
        {
            given = (int)Math.Min(buffer.Length, WaveHeadLength - Position);
            _head.AsMemory((int)Position, given).CopyTo(buffer);
        }
        else
        {
            long at = Position - WaveHeadLength;
            await OpenBlockAsync(at / _samples.Length, cancellationToken).ConfigureAwait(false);
            int inside = (int)(at % _samples.Length);
            given = (int)Math.Min(Math.Min(buffer.Length, _openedLength - inside), Length - Position);
            if (given <= 0)
                return 0;
            _samples.AsMemory(inside, given).CopyTo(buffer);
        }
        Position += given;
        return given;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            CryptographicOperations.ZeroMemory(_clear);
            CryptographicOperations.ZeroMemory(_samples);
            _cipher.Dispose();
            _sealed.Dispose();
        }
        base.Dispose(disposing);
    }

    private async Task OpenBlockAsync(long block, CancellationToken cancel)
    {
        if (block == _opened)
            return;
        long offset = _form.OffsetOf(block);
        if (_sealed.Position != offset)
            _sealed.Position = offset;
        int length = (int)Math.Min(_form.SealedBlockLength, _sealed.Length - offset);
        int read = await _sealed.ReadAtLeastAsync(_block.AsMemory(0, length), length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        _openedLength = _form.FramesIn(length - SealedAudio.TagLength) * _form.FrameLength;
        if (read == length && _form.TryOpen(_cipher, block, _block.AsSpan(0, length), _clear))
            _form.Decode(_clear.AsSpan(0, length - SealedAudio.TagLength), _samples);
        else
            _samples.AsSpan().Clear();
        _opened = block;
    }

    private void WriteHead()
    {
        Span<byte> head = _head;
        long data = Length - WaveHeadLength;
        "RIFF"u8.CopyTo(head);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], (uint)Math.Min(uint.MaxValue, data + WaveHeadLength - 8));
        "WAVEfmt "u8.CopyTo(head[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(head[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(head[20..], 1);                     // PCM
        BinaryPrimitives.WriteInt16LittleEndian(head[22..], (short)_form.Channels);
        BinaryPrimitives.WriteInt32LittleEndian(head[24..], _form.SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(head[28..], _form.SampleRate * _form.FrameLength);
        BinaryPrimitives.WriteInt16LittleEndian(head[32..], (short)_form.FrameLength);
        BinaryPrimitives.WriteInt16LittleEndian(head[34..], 16);
        "data"u8.CopyTo(head[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(head[40..], (uint)Math.Min(uint.MaxValue, data));
    }
}
