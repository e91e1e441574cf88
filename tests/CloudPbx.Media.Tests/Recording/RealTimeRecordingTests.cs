using System.Diagnostics;
using CloudPbx.Audio.Codecs;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Recording;

/// <summary>What <see cref="RecordingTimelineTests"/> shows of an hour on a simulated clock, in real minutes through sockets, loop and disk. By name only.</summary>
public sealed class RealTimeRecordingTests : IDisposable
{
    private const int Rate = 8000, ClickSeconds = 5, TenMilliseconds = Rate / 100;

    private readonly string _folder = Directory.CreateTempSubdirectory("cloudpbx-recordings-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, Explicit = true)]
    [InlineData(10, Explicit = true)]
    public async Task Clocks_100_ppm_apart_stay_within_10_ms_of_true_time_over_real_minutes(int minutes)
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("RecordingFolder", _folder));
        using TestCall call = await TestCall.ConnectAsync(node);
        RecordingRequest request = new()
        {
            Recording = RecordingId.New(),
            Session = call.LegA.Session,
            Tenant = TenantId.New(),
            Key = RecordingBench.Key,
            Left = call.LegA.Leg,
            Right = call.LegB.Leg,
        };
        Assert.Null(await node.Client.RecordAsync(request, Cancel));
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(TalkAsync(call.A, clock, TimeSpan.FromMinutes(minutes), +50, 20), TalkAsync(call.B, clock, TimeSpan.FromMinutes(minutes), -50, 30));
        RecordingFigures figures = await node.Client.EndRecordingAsync(call.LegA.Session, request.Recording, Cancel);
        Assert.Equal((false, 0), (figures.IsPartial, figures.Gaps));
        Assert.All(figures.Notes, note => Assert.Equal(RecordedNoteKind.Correction, note.Kind));

        short[] samples = RecordingBench.Wave(await File.ReadAllBytesAsync(RecordingSpool.ListFinished(_folder).Single().File, Cancel));
        int lead = FirstClick(samples, 0) - (ClickSeconds * Rate);          // what passed between the command and the first word
        for (int channel = 0; channel < 2; channel++)
        {
            for (int second = ClickSeconds; second < (minutes * 60) - ClickSeconds; second += ClickSeconds)
            {
                int expected = lead + (second * Rate), from = expected - (4 * TenMilliseconds), found = -1;
                for (int i = from; i < expected + (4 * TenMilliseconds) && found < 0; i++)
                    found = samples[(2 * i) + channel] > 20000 ? i : -1;
                Assert.True(found >= 0 && Math.Abs(found - expected) <= TenMilliseconds, $"channel {channel} at {second} s: {found - expected} samples off");
            }
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static int FirstClick(short[] samples, int channel)
    {
        for (int i = channel; i < samples.Length; i += 2)
            if (samples[i] > 20000)
                return i / 2;
        throw new InvalidOperationException("There is no click.");
    }

    /// <summary>Talks for two seconds, rests for half a second, over and over; a click at each fifth second of true time. The packets come as the party's own clock says.</summary>
    private static async Task TalkAsync(FakePeer peer, Stopwatch clock, TimeSpan until, double ppm, int milliseconds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        byte[] payload = new byte[Rate * milliseconds / 1000];
        for (long sample = 0; clock.Elapsed < until; sample += payload.Length)
        {
            for (int i = 0; i < payload.Length; i++)
                payload[i] = G711.ToALaw(Voice(sample + i, ppm));
            while (clock.Elapsed.TotalSeconds < TrueTime(sample + payload.Length, ppm))
                await timer.WaitForNextTickAsync(Cancel);
            peer.SendPayload(8, payload, false, (uint)sample);
        }
    }

    private static double TrueTime(long sample, double ppm) => sample / (double)Rate / (1 + (ppm / 1e6));

    private static short Voice(long sample, double ppm)
    {
        double seconds = TrueTime(sample, ppm);
        if (Math.Abs(seconds - Math.Round(seconds)) < 0.0003 && Math.Round(seconds) % ClickSeconds == 0 && seconds > 1)
            return 30000;
        return seconds % 2.5 < 2 ? (short)(4000 * Math.Sin(2 * Math.PI * 300 * seconds)) : (short)0;
    }
}
