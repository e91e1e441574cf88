using CloudPbx.Blobs.Recordings;
using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Recording;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPbx.Media.Tests.Recording;

public sealed class RecordingFileTests
{
    [Fact]
    public void Cut_anywhere_a_recording_plays_up_to_its_last_whole_block()
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 500; i++)
            a.Say(20);
        bench.RunTo(10_000_000);                                                // now the process is killed
        byte[] file = bench.File.Octets;
        short[] all = RecordingBench.Wave(file);
        Assert.True(all.Length / 2 >= 8 * (10_000 - 2000), $"{all.Length / 16} ms of 10 s");
        foreach (int cut in new[] { 1, 100, 7999, 8001 })
        {
            short[] rest = RecordingBench.Wave(file[..^cut]);
            int whole = (all.Length / 8000 * 8000) - 8000;                      // blocks before the last
            Assert.Equal(all[..whole], rest[..whole]);
        }
    }

    [Fact]
    public void A_full_disk_ends_no_recording_it_is_partial_and_its_time_stays_right()
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 500; i++)
            a.Say(20);
        bench.RunTo(3_000_000);
        bench.File.IsFull = true;
        bench.RunTo(6_000_000);
        bench.File.IsFull = false;
        RecordingFigures figures = bench.Finish(11_000_000);
        Assert.True(figures.IsPartial);
        Assert.Null(figures.Sha256);
        Assert.True(bench.File.IsFinished);
        short[] heard = bench.Channel(0);
        int at = heard.AsSpan().IndexOf(a.Said.Take(400).ToArray());
        Assert.Equal(a.Said[^8000..], heard.AsSpan(at + a.Said.Count - 8000, 8000).ToArray());
        Assert.All(heard.AsSpan(at + (8000 * 4), 4000).ToArray(), s => Assert.Equal(0, s));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void A_disk_that_takes_nothing_at_the_beginning_loses_that_part_alone(bool isFull, bool canOpen)
    {
        using var bench = new RecordingBench(isFull: isFull, canOpen: canOpen);
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 1000; i++)
            a.Say(20);
        bench.RunTo(3_000_000);
        (bench.File.IsFull, bench.CanOpen) = (false, true);
        RecordingFigures figures = bench.Finish(21_000_000);
        Assert.True(figures.IsPartial);
        Assert.True(bench.File.IsFinished);
        short[] heard = bench.Channel(0);
        Assert.Equal(a.Said[^8000..], heard.AsSpan(heard.AsSpan().IndexOf(a.Said.TakeLast(8000).ToArray()), 8000).ToArray());
        Assert.All(heard.AsSpan(0, 8000).ToArray(), s => Assert.Equal(0, s));
        Assert.InRange(heard.Length, 8 * 20_000, 8 * 21_000);
    }

    [Fact]
    public void The_hash_is_that_of_the_sealed_file()
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 100; i++)
            a.Say(20);
        RecordingFigures figures = bench.Finish(2_600_000);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bench.File.Octets)), figures.Sha256);
        Assert.Equal(bench.File.Octets.Length, figures.Length);
    }

    [Fact]
    public void Nothing_on_disk_is_in_clear_and_another_key_opens_nothing()
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000, voice: _ => 0x4141);
        for (int i = 0; i < 100; i++)
            a.Say(20);
        bench.Finish(2_600_000);
        byte[] file = bench.File.Octets;
        SealedAudio form = SealedAudio.Read(file)!;
        Assert.True(file.AsSpan(form.DataOffset).IndexOf(new byte[16]) < 0, "silence would show");
        using var stranger = new System.Security.Cryptography.AesGcm(new byte[32], SealedAudio.TagLength);
        Assert.False(form.TryOpen(stranger, 0, file.AsSpan(form.DataOffset, form.SealedBlockLength), new byte[form.BlockLength]));
    }

    [Fact]
    public void Packets_of_a_stranger_do_no_harm()
    {
        var random = new Random(11);
        for (int run = 0; run < 50; run++)
        {
            using var bench = new RecordingBench(run % 2 == 0 ? 8000 : 16000);
            long now = 0;
            for (int i = 0; i < 300; i++)
            {
                byte[] payload = new byte[random.Next(0, random.Next(1, 2000))];
                random.NextBytes(payload);
                now += random.Next(0, 40_000);
                bench.Arrive(now, new TappedPacket
                {
                    Side = (byte)random.Next(2),
                    Format = (CloudPbx.Media.Relay.AudioFormat)random.Next(5),
                    Ssrc = (uint)random.Next(2),
                    Extended = (uint)(random.Next(8) == 0 ? random.Next() : 70000 + random.Next(200)),
                    Timestamp = (uint)(random.Next(8) == 0 ? random.Next() : (i * 160) + random.Next(500)),
                    IsBreak = random.Next(50) == 0,
                }, payload);
            }
            Assert.InRange(bench.Finish(now + 1_000_000).DurationMilliseconds, 0, (now / 1000) + 5000);
        }
    }

    [Fact]
    public void Recording_allocates_nothing_once_it_runs()
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000);
        for (int i = 0; i < 200; i++)
            a.Say(20);
        bench.RunTo(2_000_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bench.Recording.Advance(3_000_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public async Task A_recording_that_throws_ends_as_partial_and_holds_up_no_other()
    {
        var clock = new MediaClock(TimeProvider.System);
        MemoryFile whole = new();
        Queue<IRecordingFile> files = new([new BrokenFile(), whole]);
        using var recorder = new Recorder(Path.Combine(Path.GetTempPath(), $"pbx-recorder-{Guid.NewGuid():N}"), clock, 1, NullLogger.Instance) { Open = _ => files.Dequeue() };
        RecordingFeed feed = recorder.FeedOf(0);
        int broken = recorder.Begin(TenantId.New(), RecordingId.New(), new byte[32], 8000), other = recorder.Begin(TenantId.New(), RecordingId.New(), new byte[32], 8000);
        recorder.Start();
        byte[] payload = new byte[160];
        for (uint i = 0; i < 30; i++)
        {
            foreach (int slot in (int[])[broken, other])
                Assert.True(feed.TryWrite(new TappedPacket { Slot = slot, Format = AudioFormat.Pcma, Ssrc = 1, Extended = 65_536 + i, Timestamp = i * 160, Arrival = clock.Microseconds, PayloadLength = 160 }, payload));
        }
        Assert.True((await recorder.EndAsync(broken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).IsPartial);
        Assert.False((await recorder.EndAsync(other).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).IsPartial);
        Assert.True(whole.IsFinished);
    }

    /// <summary>Its beginning can be written, then it throws what no disk does.</summary>
    private sealed class BrokenFile : IRecordingFile
    {
        public void Write(long offset, ReadOnlySpan<byte> octets)
        {
            if (offset > 0)
                throw new InvalidOperationException("bug");
        }

        public void Finish()
        {
        }

        public void Dispose()
        {
        }
    }

    [Fact]
    public void A_feed_gives_back_what_it_got_over_its_end_and_drops_what_finds_no_room()
    {
        var feed = new RecordingFeed();
        var random = new Random(2);
        byte[] payload = new byte[1500];
        long[] keys = new long[1000];
        int[] last = [-1, -1, -1];
        int written = 0, read = 0;
        for (int turn = 0; turn < 40; turn++)
        {
            while (true)
            {
                int length = written % 1400;
                payload.AsSpan(0, length).Fill((byte)written);
                if (!feed.TryWrite(new TappedPacket { Slot = written % 3, Extended = (uint)written, PayloadLength = (ushort)length }, payload.AsSpan(0, length)))
                    break;
                written++;
                if (random.Next(8000) == 0)
                    break;
            }
            while (feed.Gather(keys) is > 0 and int count)
            {
                keys.AsSpan(0, count).Sort();
                foreach (long key in keys.AsSpan(0, count))
                {
                    ref readonly TappedPacket packet = ref feed.Read(key, out ReadOnlySpan<byte> got);
                    int number = (int)packet.Extended, slot = RecordingFeed.SlotOf(key);
                    Assert.Equal(slot, packet.Slot);
                    Assert.Equal(slot, number % 3);
                    Assert.True(number > last[slot]);               // each recording's in their order
                    Assert.Equal(number % 1400, got.Length);
                    Assert.Equal(-1, got.IndexOfAnyExcept((byte)number));
                    last[slot] = number;
                    read++;
                }
                feed.Release();
            }
        }
        Assert.Equal(written, read);
        Assert.True(feed.Dropped > 0);
    }
}
