using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CloudPbx.Audio.Codecs;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Blobs.Tests;

public sealed class CompandedBlockTests
{
    [Fact]
    public void Sealed_it_is_two_pages_of_a_disk_and_begins_with_one()
    {
        SealedAudio form = SealedAudio.Companded(RecordingId.New());
        Assert.Equal(8192, form.SealedBlockLength);
        Assert.Equal(0, form.OffsetOf(7) % 4096);
    }

    [Theory]
    [InlineData(CompandedBlock.Frames)]
    [InlineData(1)]
    [InlineData(0)]
    public void Each_run_is_decoded_by_its_law(int frames)
    {
        byte[] block = new byte[CompandedBlock.LengthOf(frames)];
        RandomNumberGenerator.Fill(block);
        CompandedBlock.Clear(block);
        CompandedBlock.WriteRun(block, 0, 0, 0, CompandedLaw.MuLaw);
        CompandedBlock.WriteRun(block, 1, 0, 0, CompandedLaw.Silence);
        if (frames > 2000)
        {
            CompandedBlock.WriteRun(block, 0, 1, 1000, CompandedLaw.ALaw);
            CompandedBlock.WriteRun(block, 1, 1, 1999, CompandedLaw.ALaw);
            CompandedBlock.WriteRun(block, 1, 2, 2000, CompandedLaw.Silence);
        }
        short[] expected = new short[frames * 2], decoded = new short[frames * 2];
        for (int i = 0; i < frames; i++)
        {
            byte left = CompandedBlock.Octets(block, 0)[i];
            expected[2 * i] = i < 1000 ? G711.FromMuLaw(left) : G711.FromALaw(left);
            expected[(2 * i) + 1] = i == 1999 ? G711.FromALaw(CompandedBlock.Octets(block, 1)[i]) : (short)0;
        }
        CompandedBlock.Decode(block, MemoryMarshal.AsBytes(decoded.AsSpan()));
        Assert.Equal(expected, decoded);
    }

    [Fact]
    public void Runs_that_no_recorder_writes_do_no_harm()
    {
        byte[] block = new byte[CompandedBlock.LengthOf(CompandedBlock.Frames)], decoded = new byte[CompandedBlock.Frames * 4];
        for (int i = 0; i < 2000; i++)
        {
            new Random(i).NextBytes(block);
            CompandedBlock.Decode(block.AsSpan(0, i % 3 == 0 ? CompandedBlock.LengthOf(i) : block.Length), decoded);
        }
    }

    [Fact]
    public void A_head_tells_the_coding_and_one_that_no_recorder_writes_is_none()
    {
        byte[] head = new byte[SealedAudio.HeadLength];
        SealedAudio form = SealedAudio.Companded(RecordingId.New());
        form.Write(head);
        Assert.Equal(form, SealedAudio.Read(head));
        head[12] = 1;                                       // one channel
        Assert.Null(SealedAudio.Read(head));
        SealedAudio linear = SealedAudio.Stereo(8000, form.Recording);
        linear.Write(head);
        Assert.Equal(linear, SealedAudio.Read(head));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(4096, 0)]
    [InlineData(4096 + 8192, CompandedBlock.Frames)]
    [InlineData(4096 + 8192 + 16 + 64, CompandedBlock.Frames)]
    [InlineData(4096 + 8192 + 16 + 64 + 20, CompandedBlock.Frames + 10)]
    public void A_files_length_tells_its_frames(long length, long frames) => Assert.Equal(frames, SealedAudio.Companded(RecordingId.New()).FramesOf(length));
}
