using System.Buffers.Binary;
using System.Security.Cryptography;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Blobs.Recordings;

/// <summary>
/// How a recording lies on disk: a head, then blocks of samples, each sealed by itself (AES-256-GCM under the recording's own key). Whatever whole blocks there are
/// can be played, so a recorder that was killed loses its last block only; a block's place is computed, so a player can seek.
/// </summary>
/// <remarks>
/// Head, 64 octets: <c>CPXREC01</c> for 16-bit samples, channels interleaved, <c>CPXREC02</c> for <see cref="CompandedBlock"/>; sample rate, channels, frames of a block
/// (little-endian, 4 octets each), the recording's identifier (16), zeros. Nonce: the block's number; the key serves this one recording. Authenticated with each block:
/// the head.
/// </remarks>
public sealed record SealedAudio(int SampleRate, int Channels, int BlockFrames, RecordingId Recording, SampleCoding Coding = SampleCoding.Linear)
{
    /// <summary>Octets of the head.</summary>
    public const int HeadLength = 64;

    /// <summary>Octets that sealing adds to a block.</summary>
    public const int TagLength = 16;

    /// <summary>Octets of a recording's key.</summary>
    public const int KeyLength = 32;

    /// <summary>Blocks this long are lost at most when the recorder is killed.</summary>
    public const int BlockMilliseconds = 500;

    private const int NonceLength = 12;
    private const int PageLength = 4096;
    private static ReadOnlySpan<byte> LinearMagic => "CPXREC01"u8;
    private static ReadOnlySpan<byte> CompandedMagic => "CPXREC02"u8;

    /// <summary>Where the first block begins. Companded blocks are whole pages of a disk, and begin with one.</summary>
    public int DataOffset => Coding == SampleCoding.Companded ? PageLength : HeadLength;

    /// <summary>Octets of a frame as players get it: 16 bits of each channel.</summary>
    public int FrameLength => Channels * 2;

    /// <summary>Octets of a block in clear.</summary>
    public int BlockLength => LengthOf(BlockFrames);

    /// <summary>Octets of a block as it lies on disk.</summary>
    public int SealedBlockLength => BlockLength + TagLength;

    /// <summary>The form of a recording of two telephones that speak G.711: half as long as <see cref="Stereo"/>, and loses as little.</summary>
    /// <param name="recording">Which.</param>
    public static SealedAudio Companded(RecordingId recording) => new(8000, CompandedBlock.Channels, CompandedBlock.Frames, recording, SampleCoding.Companded);

    /// <summary>The form of any other new recording.</summary>
    /// <param name="sampleRate">Samples per second.</param>
    /// <param name="recording">Which.</param>
    public static SealedAudio Stereo(int sampleRate, RecordingId recording) => new(sampleRate, 2, sampleRate * BlockMilliseconds / 1000, recording);

    /// <summary>The form of a sound of one channel.</summary>
    /// <param name="sampleRate">Samples per second.</param>
    /// <param name="recording">Which.</param>
    public static SealedAudio Mono(int sampleRate, RecordingId recording) => new(sampleRate, 1, sampleRate * BlockMilliseconds / 1000, recording);

    /// <summary>Seals a whole sound of 16-bit samples.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="samples">Its octets.</param>
    /// <returns>What is stored.</returns>
    /// <exception cref="InvalidOperationException">The form is another.</exception>
    public byte[] SealAll(ReadOnlySpan<byte> key, ReadOnlySpan<byte> samples)
    {
        if (Coding != SampleCoding.Linear)
            throw new InvalidOperationException("Only 16-bit samples are sealed as a whole.");
        using AesGcm cipher = new(key, TagLength);
        int blocks = (samples.Length + BlockLength - 1) / BlockLength;
        byte[] file = new byte[HeadLength + samples.Length + (blocks * TagLength)];
        Write(file);
        for (int block = 0; block < blocks; block++)
        {
            ReadOnlySpan<byte> part = samples.Slice(block * BlockLength, Math.Min(BlockLength, samples.Length - (block * BlockLength)));
            Seal(cipher, block, part, file.AsSpan((int)OffsetOf(block), part.Length + TagLength));
        }
        return file;
    }

    /// <summary>Reads a head.</summary>
    /// <param name="head">The first octets of a file.</param>
    /// <returns>The form, or null where it is none.</returns>
    public static SealedAudio? Read(ReadOnlySpan<byte> head)
    {
        bool companded = head.StartsWith(CompandedMagic);
        if (head.Length < HeadLength || (!companded && !head.StartsWith(LinearMagic)))
            return null;
        var form = new SealedAudio(
            BinaryPrimitives.ReadInt32LittleEndian(head[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(head[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(head[16..]),
            new RecordingId(new Guid(head[20..36], bigEndian: true)),
            companded ? SampleCoding.Companded : SampleCoding.Linear);
        if (companded)
            return form == Companded(form.Recording) ? form : null;
        return form is { SampleRate: >= 8000 and <= 48000, Channels: 1 or 2, BlockFrames: > 0 and <= 48000 } ? form : null;
    }

    /// <summary>Writes the head.</summary>
    /// <param name="head">At least <see cref="HeadLength"/> octets.</param>
    public void Write(Span<byte> head)
    {
        head[..HeadLength].Clear();
        (Coding == SampleCoding.Companded ? CompandedMagic : LinearMagic).CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], Channels);
        BinaryPrimitives.WriteInt32LittleEndian(head[16..], BlockFrames);
        Recording.Value.TryWriteBytes(head[20..36], bigEndian: true, out _);
    }

    /// <summary>Where a block begins in the file.</summary>
    /// <param name="block">Its number, from 0.</param>
    public long OffsetOf(long block) => DataOffset + (block * SealedBlockLength);

    /// <summary>Octets in clear of a block, a short one at the end perhaps.</summary>
    /// <param name="frames">How many it has.</param>
    public int LengthOf(int frames) => Coding == SampleCoding.Companded ? CompandedBlock.LengthOf(frames) : frames * FrameLength;

    /// <summary>The frames of a block, a short one at the end perhaps.</summary>
    /// <param name="length">Its octets in clear; 0 or less for none.</param>
    public int FramesIn(int length) => Math.Max(0, Coding == SampleCoding.Companded ? CompandedBlock.FramesIn(length) : length / FrameLength);

    /// <summary>A block's samples as players get them: 16 bit, little-endian, channels interleaved.</summary>
    /// <param name="clear">What <see cref="TryOpen"/> gave.</param>
    /// <param name="frames">Room for <see cref="FramesIn"/> times <see cref="FrameLength"/>.</param>
    public void Decode(ReadOnlySpan<byte> clear, Span<byte> frames)
    {
        if (Coding == SampleCoding.Companded)
            CompandedBlock.Decode(clear, frames);
        else
            clear.CopyTo(frames);
    }

    /// <summary>The frames that a file of some length holds.</summary>
    /// <param name="fileLength">Octets of the file; a torn last block may not hold what it seems to.</param>
    public long FramesOf(long fileLength)
    {
        long octets = Math.Max(0, fileLength - DataOffset);
        return (octets / SealedBlockLength * BlockFrames) + FramesIn((int)(octets % SealedBlockLength) - TagLength);
    }

    /// <summary>Seals a block.</summary>
    /// <param name="cipher">Made of the recording's key.</param>
    /// <param name="block">Its number.</param>
    /// <param name="samples">Its octets.</param>
    /// <param name="sealedBlock">Room for them and the tag.</param>
    public void Seal(AesGcm cipher, long block, ReadOnlySpan<byte> samples, Span<byte> sealedBlock)
    {
        ArgumentNullException.ThrowIfNull(cipher);
        Span<byte> head = stackalloc byte[HeadLength], nonce = stackalloc byte[NonceLength];
        Prepare(block, head, nonce);
        cipher.Encrypt(nonce, samples, sealedBlock[..samples.Length], sealedBlock.Slice(samples.Length, TagLength), head);
    }

    /// <summary>Opens a block.</summary>
    /// <param name="cipher">Made of the recording's key.</param>
    /// <param name="block">Its number.</param>
    /// <param name="sealedBlock">What lies on disk.</param>
    /// <param name="samples">Room for the samples.</param>
    /// <returns>Whether it is genuine; a block that was never written (the disk was full) or torn is not.</returns>
    public bool TryOpen(AesGcm cipher, long block, ReadOnlySpan<byte> sealedBlock, Span<byte> samples)
    {
        ArgumentNullException.ThrowIfNull(cipher);
        int length = sealedBlock.Length - TagLength;
        if (length <= 0)
            return false;
        Span<byte> head = stackalloc byte[HeadLength], nonce = stackalloc byte[NonceLength];
        Prepare(block, head, nonce);
        try
        {
            cipher.Decrypt(nonce, sealedBlock[..length], sealedBlock[length..], samples[..length], head);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private void Prepare(long block, Span<byte> head, Span<byte> nonce)
    {
        Write(head);
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[4..], block);
    }
}
